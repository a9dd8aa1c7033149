# Expected values of the forecasts: R forecast::ets on series of R's package datasets (reihen.csv, on the log scale).
suppressPackageStartupMessages(library(forecast))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
read <- read.csv(file.path(here, "reihen.csv"))
one <- function(name, model) {
  y <- log(read$wert[read$reihe == name])
  fit <- if (model == "niveau") ets(y, model = "ANN") else ets(y, model = "AAN", damped = TRUE)
  ahead <- forecast(fit, h = 5, level = 95)
  par <- fit$par
  get <- function(n) if (n %in% names(par)) unname(par[n]) else 0
  k <- if (model == "niveau") 2 else 5
  sigma <- sqrt(sum(residuals(fit)^2) / (length(y) - k))
  data.frame(reihe = name, modell = model, schritt = 1:5, punkt = as.numeric(ahead$mean),
             se = (as.numeric(ahead$upper) - as.numeric(ahead$mean)) / qnorm(.975) / sqrt(fit$sigma2), sigma = sigma,
             alpha = get("alpha"), beta = get("beta"), phi = get("phi"), niveau = get("l"), trend = get("b"),
             aicc = fit$aicc, loglik = as.numeric(logLik(fit)))
}
out <- do.call(rbind, lapply(c("Nile", "LakeHuron", "nhtemp", "airmiles", "seatbelts_year"),
  function(n) rbind(one(n, "niveau"), one(n, "gedaempft"))))
for (column in names(out)) if (is.double(out[[column]])) out[[column]] <- sprintf("%.17g", out[[column]])
write.csv(out, file.path(here, "vorausschau.csv"), row.names = FALSE, quote = FALSE)
