# Series that come with R (package datasets), as CSV: one row per series and time.
options(digits = 17)
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
series <- list(
  Nile = Nile, LakeHuron = LakeHuron, nhtemp = nhtemp, lynx10 = window(lynx, 1900, 1909),
  precip_hr8 = window(LakeHuron, 1900, 1907), discoveries = discoveries, airmiles = airmiles,
  uspop9 = window(uspop, 1790, 1870), nile9 = window(Nile, 1895, 1903), huron10 = window(LakeHuron, 1930, 1939),
  nhtemp6 = window(nhtemp, 1950, 1955), seatbelts_year = aggregate(UKDriverDeaths, FUN = sum)
)
rows <- do.call(rbind, lapply(names(series), function(k)
  data.frame(reihe = k, jahr = as.numeric(time(series[[k]])), wert = as.numeric(series[[k]]))))
rows$jahr <- sprintf("%.10g", rows$jahr)
rows$wert <- sprintf("%.17g", rows$wert)
write.csv(rows, file.path(here, "reihen.csv"), row.names = FALSE, quote = FALSE)

kendall <- function(d) {
  n <- nrow(d)
  exact <- n <= 10 && !anyDuplicated(d$wert)
  plain <- suppressWarnings(cor.test(d$jahr, d$wert, method = "kendall", exact = exact, continuity = TRUE))
  s <- sum(sign(outer(d$wert, d$wert, "-"))[lower.tri(diag(n))])
  data.frame(reihe = d$reihe[1], n = n, exakt = exact, s = s, tau = unname(plain$estimate), p = plain$p.value)
}
read <- read.csv(file.path(here, "reihen.csv"))
out <- do.call(rbind, lapply(split(read, read$reihe), kendall))
for (column in c("tau", "p")) out[[column]] <- sprintf("%.17g", out[[column]])
write.csv(out, file.path(here, "mann_kendall.csv"), row.names = FALSE, quote = FALSE)
