# Expected values of calibration, weighting and replicate weights, made with R survey 4.1-1.
# Data: apistrat (n = 200, strata) and apiclus1 (n = 183, clusters) of the package survey, extracted to
# data_api_weighting.csv; population totals from apipop of the same package. Run in this folder: Rscript weighting.R
suppressMessages(library(survey))
options(digits = 17, survey.lonely.psu = "fail", survey.replicates.mse = FALSE)
data(api)
write <- function(x, name) {
  numbers <- sapply(x, is.double)
  x[numbers] <- lapply(x[numbers], function(v) format(signif(v, 16), digits = 16, trim = TRUE, scientific = FALSE))
  write.csv(x, paste0("weighting_", name, ".csv"), row.names = FALSE, quote = FALSE)
}
columns <- c("stype", "sch.wide", "awards", "dnum", "api00", "api99", "enroll", "meals", "pw", "fpc")
extract <- rbind(cbind(sample = "strat", apistrat[columns]), cbind(sample = "clus1", apiclus1[columns]))
write.csv(extract, "data_api_weighting.csv", row.names = FALSE, quote = FALSE)

strat <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc)
clus <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
stype <- xtabs(~stype, apipop); wide <- xtabs(~sch.wide, apipop); awards <- xtabs(~awards, apipop)
cells <- xtabs(~stype + sch.wide, apipop)
margins <- rbind(data.frame(margin = "stype", category = names(stype), n = as.integer(stype)),
                 data.frame(margin = "sch.wide", category = names(wide), n = as.integer(wide)),
                 data.frame(margin = "awards", category = names(awards), n = as.integer(awards)),
                 data.frame(margin = "cells", category = as.vector(outer(rownames(cells), colnames(cells), paste)),
                            n = as.integer(cells)),
                 data.frame(margin = "numbers", category = c("one", "api99", "enroll"),
                            n = c(nrow(apipop), sum(apipop$api99), sum(apipop$enroll, na.rm = TRUE))))
write(margins, "margins")

# --- calibration: weights, and estimates with standard errors
three <- c(`(Intercept)` = nrow(apipop), stypeH = stype[["H"]], stypeM = stype[["M"]], sch.wideYes = wide[["Yes"]],
           awardsYes = awards[["Yes"]])
f3 <- ~stype + sch.wide + awards
two <- three[1:4]; f2 <- ~stype + sch.wide
numbers <- c(`(Intercept)` = nrow(apipop), api99 = sum(apipop$api99))
fn <- ~api99
both <- c(numbers, stypeH = stype[["H"]], stypeM = stype[["M"]])
fb <- ~api99 + stype
eps <- 1e-13
cal <- function(design, f, pop, ...) calibrate(design, f, pop, epsilon = eps, maxit = 500, ...)
designs <- list(
  strat_linear = cal(strat, f3, three, calfun = "linear"),
  strat_raking = cal(strat, f3, three, calfun = "raking"),
  strat_logit = cal(strat, f3, three, calfun = "logit", bounds = c(0.5, 2)),
  strat_linear_bounds = cal(strat, f3, three, calfun = "linear", bounds = c(0.815, 1.077)),
  strat_logit_tight = cal(strat, f3, three, calfun = "logit", bounds = c(0.81, 1.08)),
  strat_const = cal(strat, f3, three, calfun = "linear", bounds = c(14, 48), bounds.const = TRUE),
  strat_numbers = cal(strat, fn, numbers, calfun = "linear"),
  strat_numbers_raking = cal(strat, fn, numbers, calfun = "raking"),
  strat_both_logit = cal(strat, fb, both, calfun = "logit", bounds = c(0.7, 1.4)),
  strat_post = postStratify(strat, ~stype + sch.wide, cells),
  clus_linear = cal(clus, f2, two, calfun = "linear"),
  clus_raking = cal(clus, f2, two, calfun = "raking"),
  clus_raking_bounds = cal(clus, f2, two, calfun = "raking", bounds = c(0.8, 1.6)),
  clus_linear_bounds = cal(clus, f2, two, calfun = "linear", bounds = c(0.8, 1.6)),
  clus_both = cal(clus, fb, both, calfun = "linear"),
  clus_both_raking = cal(clus, fb, both, calfun = "raking"),
  clus_both_bounds = cal(clus, fb, both, calfun = "linear", bounds = c(0.6, 1.6)),
  clus_both_raking_bounds = cal(clus, fb, both, calfun = "raking", bounds = c(0.6, 1.7)),
  clus_both_logit = cal(clus, fb, both, calfun = "logit", bounds = c(0.4, 2.2)),
  clus_post = postStratify(clus, ~stype, stype)
)
designs$strat_twice <- cal(designs$strat_post, fn, numbers, calfun = "linear")
weight_rows <- do.call(rbind, lapply(names(designs), function(n)
  data.frame(design = n, respondent = seq_along(weights(designs[[n]])), weight = as.double(weights(designs[[n]])))))
raked <- rake(strat, list(~stype, ~sch.wide, ~awards), list(stype, wide, awards),
              control = list(maxit = 500, epsilon = 1e-12))
weight_rows <- rbind(weight_rows, data.frame(design = "strat_rake", respondent = 1:200, weight = as.double(weights(raked))))
write(weight_rows, "weights")

estimates_of <- function(design) {
  one <- function(what, key, s) data.frame(what = what, key = key, estimate = as.double(coef(s)), se = as.double(SE(s)))
  rbind(one("mean", c("api00", "enroll"), svymean(~api00 + enroll, design)),
        one("total", c("api00", "enroll"), svytotal(~api00 + enroll, design)),
        one("ratio", "api00/api99", svyratio(~api00, ~api99, design)),
        one("domain", c("E", "H", "M"), svyby(~api00, ~stype, design, svymean)),
        one("domain_total", c("No", "Yes"), svyby(~enroll, ~awards, design, svytotal)))
}
write(do.call(rbind, lapply(names(designs), function(n) cbind(design = n, estimates_of(designs[[n]])))), "estimates")

# --- design effects
effects <- function(name, design) do.call(rbind, lapply(c("TRUE", "replace"), function(kind) {
  k <- if (kind == "replace") "replace" else TRUE
  m <- svymean(~api00 + enroll, design, deff = k); t <- svytotal(~api00 + enroll, design, deff = k)
  r <- svyratio(~api00, ~api99, design, deff = k); d <- sapply(c("No", "Yes"), function(a)
    deff(svymean(~api00, subset(design, awards == a), deff = k)))
  data.frame(design = name, kind = kind, what = c("mean", "mean", "total", "total", "ratio", "domain", "domain"),
             key = c("api00", "enroll", "api00", "enroll", "api00/api99", "No", "Yes"),
             deff = as.double(c(deff(m), deff(t), deff(r), d)))
}))
write(rbind(effects("strat", strat), effects("clus", clus), effects("strat_raking", designs$strat_raking)), "deff")

# --- trimming
trimmed <- list(a = trimWeights(designs$strat_logit, upper = 45, strict = TRUE),
                b = trimWeights(designs$clus_both, upper = quantile(weights(designs$clus_both), 0.9), strict = TRUE),
                c = trimWeights(designs$strat_logit, upper = 1.2 * median(weights(designs$strat_logit)), strict = TRUE))
write(do.call(rbind, lapply(names(trimmed), function(n)
  data.frame(case = n, respondent = seq_along(weights(trimmed[[n]])), weight = as.double(weights(trimmed[[n]]))))), "trimmed")

# --- replicate weights
whole <- apistrat; whole$fpc[whole$stype == "H"] <- 50
whole <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = whole, fpc = ~fpc)
lonely <- apistrat[apistrat$stype != "H" | cumsum(apistrat$stype == "H") == 1, ]
lonely <- svydesign(id = ~1, strata = ~stype, weights = ~pw, data = lonely, fpc = ~fpc)
with_rule <- function(rule) { options(survey.lonely.psu = rule); on.exit(options(survey.lonely.psu = "fail"))
  as.svrepdesign(lonely, type = "JKn") }
set.seed(20240229)
boot <- as.svrepdesign(clus, type = "subbootstrap", replicates = 40)
boot_strat <- as.svrepdesign(strat, type = "subbootstrap", replicates = 40)
jk1 <- as.svrepdesign(clus, type = "JK1"); jkn <- as.svrepdesign(strat, type = "JKn")
replicated <- list(
  jk1 = jk1, jk1_mse = as.svrepdesign(clus, type = "JK1", mse = TRUE),
  jk1_nofpc = as.svrepdesign(svydesign(id = ~dnum, weights = ~pw, data = apiclus1), type = "JK1"),
  jkn = jkn, jkn_whole = as.svrepdesign(whole, type = "JKn"),
  lonely_adjust = with_rule("adjust"), lonely_remove = with_rule("remove"), lonely_average = with_rule("average"),
  boot = boot, boot_mse = { b <- boot; b$mse <- TRUE; b }, boot_strat = boot_strat,
  jk1_calibrated = calibrate(jk1, f2, two, calfun = "linear"),
  jkn_raked = calibrate(jkn, f3, three, calfun = "raking", epsilon = eps, maxit = 100)
)
write(do.call(rbind, lapply(names(replicated), function(n)
  cbind(design = n, df = degf(replicated[[n]]), estimates_of(replicated[[n]])))), "replicates")
# how often each bootstrap drew a unit: n / (n - 1) times as much is the factor of its weight
times <- function(rep, n) round(weights(rep, "replication") * (n - 1) / n)
drawn <- rbind(data.frame(sample = "clus1", times(boot, 15)),
               data.frame(sample = "strat", times(boot_strat, as.vector(table(apistrat$stype)[apistrat$stype]))))
write.csv(drawn, "weighting_bootstrap.csv", row.names = FALSE, quote = FALSE)
