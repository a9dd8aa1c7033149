# Makes dsr_lungDK.csv: directly standardised rates of data that are published with R packages.
# Run in this folder: Rscript dsr.R
# Data: Epi lungDK, lung cancer of men in Denmark 1943-1992 by age and period (persons of the European Standard Population 2013 as weights).
# Rate: epitools ageadjust.direct. Interval: Dobson et al. (1991) from Byar's limits of the number of cases (Breslow, Day 1987).
suppressMessages({library(Epi); library(epitools)})
options(digits = 17)
data(lungDK)
cells <- aggregate(cbind(D, Y) ~ A5 + P5, lungDK, sum)
esp2013 <- c(7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000, 2500, 1500)  # 40-44 to 85-89
byar <- function(x, z) c(x * (1 - 1 / (9 * x) - z / (3 * sqrt(x)))^3,
                         (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * sqrt(x + 1)))^3)
one <- function(c) {
  c <- c[order(c$A5), ]
  rate <- unname(ageadjust.direct(c$D, c$Y, stdpop = esp2013)["adj.rate"])
  w <- esp2013 / sum(esp2013)
  v <- sum(w^2 * c$D / c$Y^2)
  x <- sum(c$D)
  ends <- function(niveau) rate + sqrt(v / x) * (byar(x, qnorm(1 - (1 - niveau) / 2)) - x)
  data.frame(zeit = c$P5, stratum = paste0(c$A5, "-", c$A5 + 4), zaehler = c$D, nenner = c$Y, rate = rate,
             unten_95 = ends(0.95)[1], oben_95 = ends(0.95)[2], unten_998 = ends(0.998)[1], oben_998 = ends(0.998)[2])
}
table <- do.call(rbind, lapply(split(cells, cells$P5), one))
con <- file("dsr_lungDK.csv", "w")
writeLines(paste0("# R ", R.version$major, ".", R.version$minor, ", Epi ", packageVersion("Epi"), " lungDK, epitools ",
                  packageVersion("epitools"), " ageadjust.direct; made by dsr.R"), con)
write.csv(table, con, row.names = FALSE, quote = FALSE)
close(con)
