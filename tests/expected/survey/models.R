# Makes models_*.csv, data_api_models.csv and data_nhanes_models.csv. Run in this folder: Rscript models.R
# Data, all of R package survey: apistrat, apiclus1, apiclus2 (Academic Performance Index of Californian schools) and
# every eighth respondent of nhanes (cholesterol, US 2009-2010; age groups numbered 1 to 4).
suppressMessages(library(survey))
options(digits = 17)
invisible(Sys.setlocale("LC_COLLATE", "C"))
data(api)
data(nhanes)
digits <- function(frame) {
  frame[] <- lapply(frame, function(x) if (is.double(x)) format(x, digits = 17, trim = TRUE) else x)
  frame
}
save <- function(frame, file) write.csv(digits(frame), file, row.names = FALSE, quote = FALSE)

# ---- data and designs
wide <- function(x, name) {
  data.frame(
    sample = name, snum = x$snum, stype = as.character(x$stype), dnum = x$dnum, pw = x$pw,
    fpc1 = if (name == "apiclus2") x$fpc1 else x$fpc, fpc2 = if (name == "apiclus2") x$fpc2 else NA,
    api00 = x$api00, api99 = x$api99, ell = x$ell, meals = x$meals, mobility = x$mobility, acs46 = x$acs.46,
    stu = x$api.stu, schwide = as.integer(x$sch.wide == "Yes"), compimp = as.integer(x$comp.imp == "Yes"),
    awards = as.integer(x$awards == "Yes"), yrrnd = as.integer(x$yr.rnd == "Yes"), county = as.character(x$cname)
  )
}
api <- do.call(rbind, Map(wide, list(apistrat, apiclus1, apiclus2), c("apistrat", "apiclus1", "apiclus2")))
few <- names(which(table(api$county) < 40))
api$county[api$county %in% few] <- "other"
before <- svydesign(~dnum, weights = ~pw, fpc = ~fpc1, data = subset(api, sample == "apiclus1"))
totals <- c(nrow(apipop), sum(apipop$stype == "H"), sum(apipop$stype == "M"), sum(apipop$api99))
after <- calibrate(before, ~ stype + api99, totals)
api$calibrated <- NA
api$calibrated[api$sample == "apiclus1"] <- weights(after)
save(api, "data_api_models.csv")

nh <- nhanes[seq(1, nrow(nhanes), 8), c("SDMVPSU", "SDMVSTRA", "WTMEC2YR", "HI_CHOL", "race", "agecat", "RIAGENDR")]
names(nh) <- c("psu", "stratum", "weight", "chol", "race", "age", "sex")
nh$age <- as.integer(nh$age)
write.csv(nh, "data_nhanes_models.csv", row.names = FALSE, na = "", quote = FALSE)

as_factors <- function(x, names) {
  x[names] <- lapply(x[names], factor)
  x
}
api <- as_factors(api, c("stype", "county"))
nh <- as_factors(nh, c("race", "age", "sex"))
strat <- svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc1, data = subset(api, sample == "apistrat"))
clus1 <- svydesign(~dnum, weights = ~pw, fpc = ~fpc1, data = subset(api, sample == "apiclus1"))
clus2 <- svydesign(~ dnum + snum, fpc = ~ fpc1 + fpc2, data = subset(api, sample == "apiclus2"))
cal <- calibrate(clus1, ~ stype + api99, totals)
hanes <- svydesign(~psu, strata = ~stratum, weights = ~weight, nest = TRUE, data = nh)
designs <- list(strat = strat, clus1 = clus1, clus2 = clus2, cal = cal, hanes = hanes)
domains <- list(all = quote(rep(TRUE, length(weights))), E = quote(stype == "E"), poor = quote(meals > 40),
  adult = quote(age != 1), hard = quote(meals > 25))
part <- function(design, domain) {
  data <- designs[[design]]$variables
  inside <- if (domain == "all") rep(TRUE, nrow(data)) else eval(domains[[domain]], data)
  subset(designs[[design]], inside)
}
# respondents with an answer only
answered <- function(x, names) subset(x, complete.cases(x$variables[, names]))

# ---- cross tables and tests of independence
crossings <- list(
  c("strat", "all", "schwide", "stype"), c("strat", "all", "compimp", "yrrnd"), c("strat", "poor", "stype", "awards"),
  c("clus1", "all", "schwide", "stype"), c("clus2", "all", "stype", "schwide"), c("clus2", "E", "awards", "yrrnd"),
  c("cal", "all", "schwide", "yrrnd"), c("cal", "hard", "awards", "stype"), c("cal", "all", "county", "awards"),
  c("hanes", "all", "race", "chol"), c("hanes", "all", "age", "chol"), c("hanes", "adult", "chol", "race"),
  c("hanes", "adult", "race", "age"), c("strat", "all", "county", "stype")
)
cells <- tests <- NULL
for (k in seq_along(crossings)) {
  spec <- crossings[[k]]
  row <- spec[3]
  col <- spec[4]
  d <- answered(part(spec[1], spec[2]), c(row, col))
  d <- update(d, .r = factor(get(row)), .c = factor(get(col)))
  # with calibrated weights R keeps those outside: levels are those that occur inside
  inside <- weights(d, "sampling") > 0
  lr <- levels(factor(d$variables$.r[inside]))
  lc <- levels(factor(d$variables$.c[inside]))
  d <- update(d, .rc = factor(paste(.r, .c, sep = "|"), levels = as.vector(t(outer(lr, lc, paste, sep = "|")))))
  total <- svytotal(~.rc, d)
  whole <- svymean(~.rc, d, deff = "replace")
  one <- function(by, given, of) {  # shares of the levels of `of` where `by` is `given`
    x <- subset(d, d$variables[[by]] == given)
    m <- svymean(model.matrix(~ 0 + factor(x$variables[[of]], levels = if (of == ".c") lc else lr)), x, deff = "replace")
    data.frame(value = as.vector(coef(m)), se = as.vector(SE(m)), deff = as.vector(diag(as.matrix(attr(m, "deff")))),
      df = degf(x), n = sum(weights(x, "sampling") > 0))
  }
  by_row <- lapply(lr, function(r) one(".r", r, ".c"))
  by_col <- lapply(lc, function(c) one(".c", c, ".r"))
  frame <- function(kind, value, se, deff, df, n) {
    data.frame(case = k, kind = kind, row = rep(lr, each = length(lc)), col = rep(lc, length(lr)), value = as.vector(value),
      se = as.vector(se), deff = as.vector(deff), df = df, n = n)
  }
  rows <- do.call(rbind, by_row)
  cols <- do.call(rbind, by_col)  # column after column
  place <- as.vector(t(matrix(seq_len(nrow(cols)), nrow = length(lr))))
  cols <- cols[place, ]
  deff <- diag(as.matrix(attr(whole, "deff")))
  cells <- rbind(cells,
    frame("summe", coef(total), SE(total), NA, degf(d), sum(inside)),
    frame("gesamt", coef(whole), SE(whole), deff, degf(d), sum(inside)),
    frame("zeile", rows$value, rows$se, rows$deff, rows$df, rows$n),
    frame("spalte", cols$value, cols$se, cols$deff, cols$df, cols$n))
  # Calibrated weights: R counts everybody for X2 and the degrees of freedom; here those of the domain, so that ratio of
  # statistics and of degrees of freedom are put right after svychisq
  dd <- if (nrow(d) > sum(inside)) update(d, .r = factor(.r, levels = lr), .c = factor(.c, levels = lc)) else d
  if (nrow(d) > sum(inside)) dd$variables[!inside, c(".r", ".c")] <- d$variables[which(inside)[1], c(".r", ".c")]
  nu <- degf(d)
  nu_r <- length(unique(dd$cluster[, 1])) - length(unique(dd$strata[, 1]))
  for (statistic in c("F", "Chisq", "Wald", "adjWald")) {
    t <- tryCatch(svychisq(~ .r + .c, dd, statistic = statistic), error = function(e) NULL)
    if (is.null(t)) {
      next
    }
    s <- as.vector(t$statistic)
    p <- as.vector(t$parameter)
    if (statistic == "F") {
      s <- c(s, p[1], p[1] * nu, pf(s, p[1], p[1] * nu, lower.tail = FALSE))
      stopifnot(nu != nu_r || isTRUE(all.equal(s[4], as.vector(t$p.value))))
    } else if (statistic == "Chisq") {
      s <- c(s * sum(inside) / nrow(dd), p, NA, as.vector(t$p.value))
    } else if (statistic == "Wald") {
      s <- c(s, p[1], nu, pf(s, p[1], nu, lower.tail = FALSE))
    } else {
      s <- s * (nu - p[1] + 1) / nu * nu_r / (nu_r - p[1] + 1)
      s <- c(s, p[1], nu - p[1] + 1, pf(s, p[1], nu - p[1] + 1, lower.tail = FALSE))
    }
    if (any(is.nan(s[c(1, 4)]))) next
    tests <- rbind(tests, data.frame(case = k, test = statistic, statistic = s[1], df1 = s[2], df2 = s[3], p = s[4]))
  }
}
specs <- function(list) {
  frame <- as.data.frame(do.call(rbind, list))
  names(frame) <- c("design", "domain", "a", "b")[seq_along(frame)]
  cbind(case = seq_along(list), frame)
}
save(specs(crossings), "models_crossings.csv")
save(cells, "models_cells.csv")
save(tests, "models_independence.csv")

# ---- t tests and rank tests
pairs <- list(
  c("strat", "all", "api00", "compimp"), c("strat", "poor", "api00", "yrrnd"), c("clus1", "all", "api00", "schwide"),
  c("clus2", "all", "ell", "awards"), c("clus2", "all", "stu", "awards"), c("cal", "all", "api00", "schwide"),
  c("cal", "hard", "meals", "awards"), c("hanes", "adult", "chol", "sex"), c("strat", "all", "acs46", "yrrnd"),
  c("strat", "all", "api00", "stype"), c("clus1", "all", "acs46", "stype"), c("hanes", "all", "chol", "race"),
  c("clus2", "all", "api00", "stype"), c("cal", "all", "meals", "stype")
)
t_tests <- ranks <- NULL
score <- list(wilcoxon = identity, vanderwaerden = qnorm, median = function(r) as.numeric(r > 0.5))
for (k in seq_along(pairs)) {
  spec <- pairs[[k]]
  d <- answered(part(spec[1], spec[2]), spec[3:4])
  d <- update(d, .y = as.numeric(get(spec[3])), .g = factor(get(spec[4])))
  two <- nlevels(d$variables$.g) == 2
  if (two) {
    t <- svyttest(.y ~ .g, d)
    t_tests <- rbind(t_tests, data.frame(case = k, value = t$estimate, se = t$estimate / t$statistic, t = t$statistic,
      df = t$parameter, p = t$p.value, lower = t$conf.int[1], upper = t$conf.int[2]))
  }
  # ranks of the paper: weight below plus half of the weight of the equal ones; the rest is R's function
  w <- weights(d, "sampling")
  y <- d$variables$.y
  mid <- sapply(y, function(v) sum(w[y < v]) + sum(w[y == v]) / 2) / sum(w)
  names_r <- c(wilcoxon = "wilcoxon", vanderwaerden = "vanderWaerden", median = "median")
  for (kind in names(score)) {
    mine <- ifelse(w > 0, score[[kind]](mid), 0)
    t <- svyranktest(.y ~ .g, d, test = function(r, N) mine)
    r <- tryCatch(svyranktest(.y ~ .g, d, test = names_r[[kind]]), error = function(e) list(statistic = NA, parameter = NA))
    value <- if (two) as.vector(t$estimate) else NA
    stat <- if (two) t$statistic else t$parameter / t$statistic
    df <- if (two) c(t$parameter, NA) else c(t$statistic, t$ddf)
    own <- if (two) r$statistic else r$parameter / r$statistic
    ranks <- rbind(ranks, data.frame(case = k, kind = kind, value = value, statistic = as.vector(stat), df1 = as.vector(df[1]),
      df2 = as.vector(df[2]), p = as.vector(t$p.value), svyranktest = as.vector(own)))
  }
}
save(specs(pairs), "models_pairs.csv")
save(t_tests, "models_ttest.csv")
save(ranks, "models_ranks.csv")
single <- NULL
for (spec in list(c("strat", "all", "api00", ""), c("cal", "hard", "meals", ""), c("clus2", "all", "stu", ""),
  c("strat", "poor", "api00", "api99"), c("clus2", "all", "api00", "api99"))) {
  d <- part(spec[1], spec[2])
  d <- update(d, .y = get(spec[3]) - (if (spec[4] == "") 0 else get(spec[4])))
  d <- answered(d, ".y")
  t <- svyttest(.y ~ 0, d)
  single <- rbind(single, data.frame(design = spec[1], domain = spec[2], a = spec[3], b = spec[4], value = t$estimate,
    se = t$estimate / t$statistic, t = t$statistic, df = t$parameter, p = t$p.value, lower = t$conf.int[1],
    upper = t$conf.int[2]))
}
save(single, "models_single.csv")

# ---- regression
# epsilon: the covariance uses the weights of the step before the last; at 1e-14 of the deviance they differ by 1e-7
models <- list(
  c("strat", "all", "linear", "api00 ~ ell + meals + stype"), c("strat", "all", "linear", "api00 ~ ell * stype"),
  c("clus2", "all", "linear", "api00 ~ ell + mobility"), c("cal", "all", "linear", "api00 ~ ell + meals + stype"),
  c("strat", "all", "linear", "api00 ~ acs46 + ell"), c("clus1", "poor", "linear", "api00 ~ ell + api99"),
  c("strat", "all", "logistic", "schwide ~ ell + meals + mobility + stype"),
  c("clus1", "all", "logistic", "awards ~ meals + stype"), c("cal", "all", "logistic", "schwide ~ ell + meals"),
  c("cal", "hard", "logistic", "awards ~ ell + stype"), c("strat", "all", "logistic", "awards ~ meals * stype"),
  c("hanes", "adult", "logistic", "chol ~ race + age + sex"), c("hanes", "adult", "logistic", "chol ~ age * sex"),
  c("clus2", "all", "poisson", "stu ~ ell + stype"), c("strat", "poor", "poisson", "stu ~ meals + stype"),
  c("clus1", "all", "logistic", "awards ~ meals + I(meals^2) + stype")
)
kinds <- list(linear = gaussian(), logistic = quasibinomial(), poisson = quasipoisson())
expected <- list(linear = identity, logistic = function(z) 1 / (1 + exp(-z)), poisson = exp)
slope <- list(linear = function(z) 1 + 0 * z, logistic = function(z) exp(-z) / (1 + exp(-z))^2, poisson = exp)
names_here <- function(x) {
  x <- gsub("(stype|race|age|sex)([A-Z0-9]+)", "\\1[\\2]", x)
  sub("(Intercept)", "Konstante", gsub("I[(]([a-z]+)\\^2[)]", "\\1:\\1", x), fixed = TRUE)
}
coefs <- terms_ <- effects <- means <- NULL
for (k in seq_along(models)) {
  spec <- models[[k]]
  f <- as.formula(spec[4])
  d <- answered(part(spec[1], spec[2]), all.vars(f))
  inside <- weights(d, "sampling") > 0
  for (v in c("stype", "race", "age", "sex")) {
    if (v %in% all.vars(f)) d$variables[[v]] <- factor(d$variables[[v]], levels = levels(factor(d$variables[[v]][inside])))
  }
  m <- eval(bquote(svyglm(.(f), d, family = kinds[[spec[3]]], epsilon = 1e-20, maxit = 60)))
  s <- summary(m)$coefficients
  ci <- confint(m)
  coefs <- rbind(coefs, data.frame(case = k, name = names_here(rownames(s)), value = s[, 1], se = s[, 2], t = s[, 3],
    df = m$df.residual, p = s[, 4], lower = ci[, 1], upper = ci[, 2]))
  for (term in attr(terms(f), "term.labels")) {
    r <- regTermTest(m, as.formula(paste("~", term)))
    terms_ <- rbind(terms_, data.frame(case = k, term = names_here(term), statistic = as.vector(r$Ftest), df1 = r$df, df2 = r$ddf,
      p = as.vector(r$p)))
  }
  # Average marginal effects from their definition. Derivatives by the coefficients: complex step (exact to rounding).
  # Error with fixed variables: delta method. With random ones: the total of the influences of average and coefficients.
  w <- weights(d, "sampling")
  data <- d$variables
  b <- coef(m)
  mm <- function(data) {
    side <- delete.response(terms(m))
    model.matrix(side, model.frame(side, data, xlev = m$xlevels))
  }
  weighted_infl <- model.matrix(m) * resid(m, "working") * m$weights
  infl <- weighted_infl %*% m$naive.cov / w
  infl[w == 0, ] <- 0
  report <- function(name, unit) {
    average <- function(b) sum(w * unit(b)) / sum(w)
    gradient <- sapply(seq_along(b), function(j) Im(average(b + 1i * 1e-30 * (seq_along(b) == j))) / 1e-30)
    total <- svytotal((unit(b) - average(b)) / sum(w) + as.vector(infl %*% gradient), d)
    data.frame(case = k, name = name, value = average(b), se = as.vector(SE(total)),
      se_fixed = sqrt(as.vector(gradient %*% vcov(m) %*% gradient)))
  }
  mu <- expected[[spec[3]]]
  for (v in all.vars(f)[-1]) {
    if (is.factor(data[[v]])) {
      at <- lapply(levels(data[[v]]), function(l) mm(`[[<-`(data, v, value = factor(l, levels = levels(data[[v]])))))
      for (l in seq_along(at)) {
        one <- report(paste0(v, "[", levels(data[[v]])[l], "]"), function(b) mu(as.vector(at[[l]] %*% b)))
        means <- rbind(means, cbind(one, variable = v, level = levels(data[[v]])[l]))
        if (l > 1) {
          effects <- rbind(effects, report(paste0(v, "[", levels(data[[v]])[l], "]"),
            function(b) mu(as.vector(at[[l]] %*% b)) - mu(as.vector(at[[1]] %*% b))))
        }
      }
    } else {
      x <- mm(data)
      # exact for a linear and a quadratic predictor
      step <- (mm(`[[<-`(data, v, value = data[[v]] + 1)) - mm(`[[<-`(data, v, value = data[[v]] - 1))) / 2
      effects <- rbind(effects, report(v, function(b) slope[[spec[3]]](as.vector(x %*% b)) * as.vector(step %*% b)))
    }
  }
}
means$name <- NULL
frame <- specs(lapply(models, function(s) s[1:3]))
names(frame)[4] <- "kind"
frame$formula <- sapply(models, function(s) s[4])
save(frame, "models_regressions.csv")
save(coefs, "models_coefficients.csv")
save(terms_, "models_terms.csv")
save(effects, "models_effects.csv")
save(means, "models_means.csv")

# Predictive margins of R's own function: estimate, and the part of the variance from the coefficients
d <- part("hanes", "adult")
d <- answered(d, c("chol", "age", "race", "sex"))
d <- update(d, age = factor(age))
m <- svyglm(chol ~ age + sex, d, family = quasibinomial(), epsilon = 1e-20, maxit = 60)
r <- svypredmeans(m, ~race, predictat = factor(levels(nh$race)))
parts <- attr(attr(r, "var"), "parts")
save(data.frame(level = names(coef(r)), value = as.vector(coef(r)), se_fixed = sqrt(diag(parts[[1]]))), "models_predmeans.csv")
