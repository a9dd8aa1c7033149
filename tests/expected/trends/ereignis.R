# Expected values of the interrupted time series: R lm, sandwich::NeweyWest on series of R's package datasets.
suppressPackageStartupMessages(library(sandwich))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
read <- read.csv(file.path(here, "reihen.csv"))
monthly <- data.frame(reihe = "UKDriverDeaths", jahr = as.numeric(time(UKDriverDeaths)), wert = as.numeric(UKDriverDeaths))
write.csv(transform(monthly, jahr = sprintf("%.17g", jahr)), file.path(here, "ereignis_monate.csv"), row.names = FALSE, quote = FALSE)
one <- function(name, event) {
  d <- if (name == "UKDriverDeaths") monthly else read[read$reihe == name, ]
  t <- d$jahr - event
  after <- as.numeric(t >= -1e-9)
  t[abs(t) < 1e-9] <- 0
  fit <- lm(d$wert ~ t + after + t:after)
  n <- nrow(d)
  lag <- floor(4 * (n / 100)^(2 / 9))
  nw <- sqrt(diag(NeweyWest(fit, lag = lag, prewhite = FALSE, adjust = TRUE)))
  ols <- sqrt(diag(vcov(fit)))
  p <- function(se) 2 * pt(-abs(coef(fit) / se), n - 4)
  data.frame(reihe = name, ereignis = event, koeffizient = c("niveau_vorher", "steigung_vorher", "niveausprung", "steigungsaenderung"),
             wert = coef(fit), se_ols = ols, p_ols = p(ols), se_newey_west = nw, p_newey_west = p(nw), lag = lag)
}
out <- rbind(one("Nile", 1899), one("UKDriverDeaths", 1983 + 1 / 12), one("nhtemp", 1945), one("airmiles", 1949),
             one("seatbelts_year", 1977), one("LakeHuron", 1890))
for (column in c("wert", "se_ols", "p_ols", "se_newey_west", "p_newey_west")) out[[column]] <- sprintf("%.17g", out[[column]])
out$ereignis <- sprintf("%.17g", out$ereignis)
write.csv(out, file.path(here, "ereignis.csv"), row.names = FALSE, quote = FALSE)
