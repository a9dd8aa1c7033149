# Expected values of the detected breaks: R strucchange (Zeileis et al.) on series of R's package datasets (reihen.csv).
suppressPackageStartupMessages(library(strucchange))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
read <- read.csv(file.path(here, "reihen.csv"))
one <- function(name, modell, h) {
  d <- read[read$reihe == name, ]
  d <- tail(d, 100)
  d$t <- seq_len(nrow(d))
  fit <- breakpoints(if (modell == "niveau") wert ~ 1 else wert ~ t, data = d, h = h)
  overall <- summary(fit)
  best <- which.min(overall$RSS["BIC", ]) - 1
  do.call(rbind, lapply(seq_len(ncol(overall$RSS)) - 1, function(m) {
    at <- if (m == 0) NA else breakpoints(fit, breaks = m)$breakpoints
    data.frame(reihe = name, modell = modell, h = h, m = m, rss = overall$RSS["RSS", m + 1],
               bic = overall$RSS["BIC", m + 1], enden = paste(at, collapse = " "), beste = best)
  }))
}
cases <- list(
  list("Nile", "niveau", 15), list("LakeHuron", "niveau", 14), list("nhtemp", "niveau", 9),
  list("airmiles", "niveau", 3), list("seatbelts_year", "niveau", 3), list("discoveries", "niveau", 15),
  list("Nile", "gerade", 15), list("LakeHuron", "gerade", 14), list("nhtemp", "gerade", 9),
  list("airmiles", "gerade", 5), list("seatbelts_year", "gerade", 5)
)
out <- do.call(rbind, lapply(cases, function(k) one(k[[1]], k[[2]], k[[3]])))
for (column in c("rss", "bic")) out[[column]] <- sprintf("%.17g", out[[column]])
write.csv(out, file.path(here, "detected.csv"), row.names = FALSE, quote = FALSE)
