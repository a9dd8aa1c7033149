# Makes intervals_*.csv and data_api_shares.csv. Run in this folder: Rscript intervals.R
# Data: apistrat, apiclus1 and apiclus2 of R package survey (Academic Performance Index of Californian schools).
suppressMessages(library(survey))
options(digits = 17)
data(api)
digits <- function(frame) {
  frame[] <- lapply(frame, function(x) if (is.double(x)) format(x, digits = 17, trim = TRUE) else x)
  frame
}
save <- function(frame, file) write.csv(digits(frame), file, row.names = FALSE, quote = FALSE)

samples <- list(apistrat = apistrat, apiclus1 = apiclus1, apiclus2 = apiclus2)
extract <- do.call(rbind, lapply(names(samples), function(name) {
  x <- samples[[name]]
  two <- name == "apiclus2"
  data.frame(
    sample = name, snum = x$snum, stype = x$stype, dnum = x$dnum, pw = x$pw, fpc1 = if (two) x$fpc1 else x$fpc,
    fpc2 = if (two) x$fpc2 else NA, api99 = x$api99, api00 = x$api00, enroll = x$enroll, apistu = x$api.stu,
    meals = x$meals, schwide = as.integer(x$sch.wide == "Yes"), awards = as.integer(x$awards == "Yes"),
    yrrnd = as.integer(x$yr.rnd == "Yes")
  )
}))
write.csv(extract, "data_api_shares.csv", row.names = FALSE, quote = FALSE, na = "")
extract$top <- as.integer(extract$api00 > 800)

designs <- list(
  apistrat = svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc1, data = subset(extract, sample == "apistrat")),
  apiclus1 = svydesign(~dnum, weights = ~pw, fpc = ~fpc1, data = subset(extract, sample == "apiclus1")),
  apiclus2 = svydesign(~dnum + snum, fpc = ~fpc1 + fpc2, data = subset(extract, sample == "apiclus2"))
)

# Wilson's interval with the effective number of respondents (at most n) and t, written out from the formula
wilson <- function(p, se, n, df, level) {
  t <- qt((1 + level) / 2, df)
  m <- min(p * (1 - p) / se^2, n)
  (p + t^2 / (2 * m) + c(-1, 1) * t * sqrt(p * (1 - p) / m + t^2 / (4 * m^2))) / (1 + t^2 / m)
}
# Korn and Graubard (1998), with at most n effective respondents
korn <- function(p, se, n, df, level) {
  a <- (1 - level) / 2
  m <- min(p * (1 - p) / se^2 * (qt(a, n - 1) / qt(a, df))^2, n)
  c(qbeta(a, m * p, m * (1 - p) + 1), qbeta(1 - a, m * p + 1, m * (1 - p)))
}

rows <- list()
for (name in names(designs)) for (domain in c("alle", "E", "H", "M")) {
  d <- designs[[name]]
  if (domain != "alle") d <- subset(d, stype == domain)
  for (item in c("schwide", "awards", "yrrnd", "top")) for (level in c(0.95, 0.9)) {
    f <- as.formula(paste0("~I(", item, " == 1)"))
    m <- svymean(as.formula(paste0("~", item)), d)
    p <- as.numeric(coef(m)); se <- as.numeric(SE(m)); n <- nrow(d); df <- degf(d)
    if (p == 0 || p == 1) next
    for (art in c("logit", "xlogit", "arcsin", "beta", "linear", "wilson", "korn_graubard")) {
      method <- c(arcsin = "asin", linear = "mean")[art]
      ci <- if (art == "wilson") wilson(p, se, n, df, level)
        else if (art == "korn_graubard") korn(p, se, n, df, level)
        else attr(svyciprop(f, d, method = if (is.na(method)) art else method, level = level, epsilon = 1e-15), "ci")
      rows[[length(rows) + 1]] <- data.frame(sample = name, domain, item, level, art, n, df, p, se,
                                             unten = ci[1], oben = ci[2])
    }
  }
}
save(do.call(rbind, rows), "intervals_api.csv")

# Clopper-Pearson of counts: binom.test of base R, with the examples of Newcombe (1998)
counts <- data.frame(x = c(81, 15, 0, 1, 29, 0, 100), n = c(263, 148, 20, 29, 29, 100, 100))
exact <- t(mapply(function(x, n) binom.test(x, n)$conf.int, counts$x, counts$n))
save(data.frame(counts, unten = exact[, 1], oben = exact[, 2]), "intervals_binom.csv")
