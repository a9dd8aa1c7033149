# Makes differenzen.csv, verhaeltnisse.csv, exakt.csv, mittel.csv, eb_*.csv: rates, differences, ratios and empirical Bayes estimates of R packages.
# Run in this folder: Rscript rates.R
# Data: spData (auckland, huddersfield, nc.sids), epitools (wcgs, oswego), datasets (sleep, InsectSprays), Rothman 1998.
suppressMessages({library(spdep); library(epitools)})
options(digits = 17)
write <- function(data, file, title) {
  con <- file(file, "w")
  writeLines(paste0("# R ", R.version$major, ".", R.version$minor, ", ", title), con)
  write.csv(data, con, row.names = FALSE, quote = FALSE)
  close(con)
}
version <- function(p) paste(p, packageVersion(p))

# empirical Bayes
eb <- function(key, x, n, family) {
  e <- EBest(x, n, family = family)
  data.frame(gebiet = key, zaehler = x, nenner = n, familie = family, roh = e$raw, geglaettet = e$estmm)
}
auckland <- st_read(system.file("shapes/auckland.shp", package = "spData"), quiet = TRUE)
write(eb(seq_len(nrow(auckland)), auckland$M77_85, 9 * auckland$Und5_81, "poisson"), "eb_auckland.csv",
      paste(version("spdep"), "EBest, infant deaths of Auckland 1977-85 (Marshall 1991)"))
data(huddersfield, package = "spData")
write(eb(seq_len(nrow(huddersfield)), huddersfield$cases, huddersfield$total, "binomial"), "eb_huddersfield.csv",
      paste(version("spdep"), "EBest, respiratory disease in Huddersfield (Martuzzi, Elliott 1996)"))
nc <- st_read(system.file("shapes/sids.shp", package = "spData"), quiet = TRUE)
key <- nc$FIPS
write(rbind(eb(key, nc$SID74, nc$BIR74, "poisson"), eb(key, nc$SID74, nc$BIR74, "binomial")), "eb_sids.csv",
      paste(version("spdep"), "EBest, sudden infant deaths of North Carolina 1974-78"))
nb <- suppressWarnings(poly2nb(nc))
local <- EBlocal(nc$SID74, nc$BIR74, nb, zero.policy = TRUE)
write(data.frame(gebiet = key, zaehler = nc$SID74, nenner = nc$BIR74, roh = local$raw, geglaettet = local$est),
      "eb_lokal.csv", paste(version("spdep"), "EBlocal, the same with neighbours that touch"))
pairs <- do.call(rbind, lapply(seq_along(nb), function(i) if (nb[[i]][1] > 0) data.frame(ags = key[i], nachbar = key[nb[[i]]])))
write(pairs, "eb_nachbarn.csv", paste(version("spdep"), "poly2nb, neighbours of eb_lokal.csv"))

# ratios
data(wcgs, package = "epitools"); data(oswego, package = "epitools")
two <- function(name, group, case) {
  data.frame(fall = name, art = "anteil", x1 = sum(case & group), n1 = sum(group), x2 = sum(case & !group), n2 = sum(!group))
}
cases <- rbind(
  two("wcgs_raucher", wcgs$ncigs0 > 0, wcgs$chd69 == 1),
  two("wcgs_verhalten", wcgs$dibpat0 == 1, wcgs$chd69 == 1),
  two("oswego_vanille", oswego$vanilla.ice.cream == "Y", oswego$ill == "Y"),
  two("oswego_schinken", oswego$baked.ham == "Y", oswego$ill == "Y"),
  data.frame(fall = "rothman_brustkrebs", art = "rate", x1 = 41, n1 = 28010, x2 = 15, n2 = 19017)
)
ratio <- function(c, niveau) {
  if (c$art == "anteil") {
    m <- matrix(c(c$n2 - c$x2, c$n1 - c$x1, c$x2, c$x1), 2)
    r <- riskratio.wald(m, conf.level = niveau)$measure[2, ]
  } else {
    r <- rateratio.wald(matrix(c(c$x2, c$x1, c$n2, c$n1), 2), conf.level = niveau)$measure[2, ]
  }
  data.frame(c, niveau = niveau, verhaeltnis = r[1], unten = r[2], oben = r[3], row.names = NULL)
}
rows <- lapply(c(0.95, 0.998), function(l) lapply(seq_len(nrow(cases)), function(i) ratio(cases[i, ], l)))
write(do.call(rbind, unlist(rows, FALSE)), "verhaeltnisse.csv", paste(version("epitools"), "riskratio.wald, rateratio.wald"))

# differences of shares
suppressMessages(library(Epi))
d <- rbind(cases[cases$art == "anteil", -(1:2)], c(6, 7, 2, 7), c(5, 56, 0, 29), c(0, 10, 0, 20), c(0, 10, 0, 10),
           c(10, 10, 0, 20), c(10, 10, 0, 10), c(7, 34, 1, 34))
difference <- function(niveau) {
  r <- ci.pd(d$x1, d$x2, d$n1 - d$x1, d$n2 - d$x2, method = "Nc", conf.level = niveau, alpha = 1 - niveau, print = FALSE)
  data.frame(d, niveau = niveau, differenz = r[, 5], unten = r[, 6], oben = r[, 7], row.names = NULL)
}
write(rbind(difference(0.95), difference(0.998)), "differenzen.csv", paste(version("Epi"), "ci.pd, method Nc"))

# exact limits of few events
few <- expand.grid(zaehler = 0:9, niveau = c(0.95, 0.998))
limits <- t(mapply(function(x, l) poisson.test(x, conf.level = l)$conf.int, few$zaehler, few$niveau))
write(data.frame(few, unten = limits[, 1], oben = limits[, 2]), "exakt.csv", "poisson.test")

# means
mean_of <- function(name, x, l) {
  ci <- t.test(x, conf.level = l)$conf.int
  data.frame(fall = name, mittel = mean(x), streuung = sd(x), anzahl = length(x), niveau = l, unten = ci[1], oben = ci[2])
}
write(rbind(mean_of("sleep_1", sleep$extra[sleep$group == 1], 0.95), mean_of("sleep_1", sleep$extra[sleep$group == 1], 0.998),
            mean_of("insekten_a", InsectSprays$count[InsectSprays$spray == "A"], 0.95)), "mittel.csv", "t.test")
