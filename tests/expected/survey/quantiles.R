# Makes quantiles_*.csv and data_eusilc_quantiles.csv. Run in this folder after intervals.R: Rscript quantiles.R
# Data: apistrat, apiclus1, apiclus2 of R package survey (data_api_shares.csv); eusilc of R package laeken (synthetic
# EU-SILC of Austria): households of two states, equivalised income with its ties.
suppressMessages({library(survey); library(laeken)})
options(digits = 17)
digits <- function(frame) {
  frame[] <- lapply(frame, function(x) if (is.double(x)) format(x, digits = 17, trim = TRUE) else x)
  frame
}
save <- function(frame, file) write.csv(digits(frame), file, row.names = FALSE, quote = FALSE)

api <- read.csv("data_api_shares.csv")
data(eusilc)
income <- subset(eusilc, db040 %in% c("Burgenland", "Vorarlberg", "Salzburg"))
income <- data.frame(db030 = income$db030, db040 = as.character(income$db040), rb090 = as.character(income$rb090),
                     eqIncome = income$eqIncome, rounded = round(income$eqIncome, -3), rb050 = income$rb050)
write.csv(digits(income), "data_eusilc_quantiles.csv", row.names = FALSE, quote = FALSE)

designs <- list(
  apistrat = svydesign(~1, strata = ~stype, weights = ~pw, fpc = ~fpc1, data = subset(api, sample == "apistrat")),
  apiclus1 = svydesign(~dnum, weights = ~pw, fpc = ~fpc1, data = subset(api, sample == "apiclus1")),
  apiclus2 = svydesign(~dnum + snum, fpc = ~fpc1 + fpc2, data = subset(api, sample == "apiclus2")),
  eusilc = svydesign(~db030, strata = ~db040, weights = ~rb050, data = income)
)
items <- list(apistrat = c("api00", "enroll", "meals"), apiclus1 = c("api00", "enroll", "meals"),
              apiclus2 = c("api00", "enroll", "meals"), eusilc = c("eqIncome", "rounded"))
domain <- list(apistrat = "stype", apiclus1 = "stype", apiclus2 = "stype", eusilc = "rb090")

# Rules "math" and "school" of R with two faults mended: a share below that of the smallest answer has the smallest
# answer (R takes the second), and a sum of weights that is p of the whole up to rounding is p (R: depends on the 16th
# digit). `survey` in the result
# tells where R's own rule gives the same; `bis` is the share up to the quantile.
position <- function(x, w, p) {
  keep <- w > 0
  o <- order(x[keep]); x <- x[keep][o]; share <- cumsum(w[keep][o]) / sum(w)
  at <- which(share >= p - 1e-12)[1]
  list(low = x[at], up = if (abs(share[at] - p) <= 1e-12 && at < length(x)) x[at + 1] else x[at])
}
rules <- list(math = function(x, w, p) position(x, w, p)$low,
              school = function(x, w, p) with(position(x, w, p), (low + up) / 2), hf7 = "hf7")
same <- function(a, b) mapply(function(x, y) isTRUE(all.equal(as.numeric(x), as.numeric(y), tolerance = 1e-9)),
                              split(a, row(a)), split(b, row(b)))

rows <- list()
for (name in names(designs)) {
  whole <- designs[[name]]
  by <- whole$variables[[domain[[name]]]]
  for (part in c("alle", sort(unique(by)))) {
    d <- if (part == "alle") whole else whole[by == part, ]
    for (rule in names(rules)) for (type in c("mean", "xlogit", "beta", "asin")) for (item in items[[name]]) {
      p <- c(0.1, 0.5, 0.9)
      f <- as.formula(paste0("~", item))
      quantiles <- function(rule) svyquantile(f, d, p, qrule = rule, interval.type = type, na.rm = TRUE)[[1]]
      q <- quantiles(rules[[rule]])
      q0 <- quantiles(rule)
      valid <- d[!is.na(d$variables[[item]]), ]
      df <- degf(valid)
      m <- lapply(q[, "quantile"], function(x) svymean(~I(as.numeric(valid$variables[[item]] <= x)), valid))
      upto <- sapply(m, function(x) as.numeric(coef(x)))
      half <- qt(0.975, df) * sapply(m, function(x) as.numeric(SE(x))) / (2 * sqrt(upto * (1 - upto)))
      # R's sine turns around beyond 0 and 1
      turned <- type == "asin" & (upto == 1 | asin(sqrt(upto)) < half | asin(sqrt(upto)) + half > pi / 2)
      all <- data.frame(
        sample = name, domain = part, rule, type, item, p, n = nrow(valid$variables), df = df, bis = upto,
        wert = q[, "quantile"], unten = q[, 2], oben = q[, 3], se = q[, "se"], survey = same(q, q0))
      rows[[length(rows) + 1]] <- all[!turned, ]
    }
  }
}
all <- do.call(rbind, rows)
print(table(all$rule, all$survey))
save(all, "quantiles_r.csv")
