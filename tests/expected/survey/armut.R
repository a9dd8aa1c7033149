# Makes data_eusilc.csv and armut_*.csv: poverty and inequality of the synthetic EU-SILC data of R package laeken.
# Run in this folder: Rscript armut.R   (survey 4.1-1, laeken 0.5.2)
#
# data_eusilc.csv: data set eusilc of package laeken (Templ, Alfons; synthetic data of 14,827 persons in 6,000
# households), one row per household: db030 household, db040 region (number of the factor level), rb050 weight of each
# person, eqIncome equivalised income, n14 and n13 persons from 14 and under 14 years, eqSS scale of the data.
#
# Point estimates are those of laeken. Standard errors: linearised variables written out here from Deville (1999),
# Osier (2009, Survey Research Methods 3, 167-195) and the documentation of package convey (not installed): Gaussian
# kernel with h = S / N^0.2, S the weighted standard deviation and N the sum of weights; variances of their totals by
# survey. The Gini influence is the derivative of laeken's coefficient with respect to a weight.
suppressMessages({library(survey); library(laeken)})
options(digits = 17)
data(eusilc)
write <- function(frame, name) {
  for (column in names(frame)) if (is.numeric(frame[[column]])) frame[[column]] <- sapply(frame[[column]], format, digits = 17)
  write.csv(frame, name, row.names = FALSE, quote = FALSE)
}

first <- !duplicated(eusilc$db030)
n14 <- tapply(eusilc$age >= 14, eusilc$db030, sum)
n13 <- tapply(eusilc$age < 14, eusilc$db030, sum)
house <- eusilc[first, ]
house$n14 <- n14[as.character(house$db030)]
house$n13 <- n13[as.character(house$db030)]
stopifnot(all(tapply(eusilc$rb050, eusilc$db030, function(v) length(unique(v))) == 1))
write(data.frame(db030 = house$db030, db040 = as.integer(house$db040), rb050 = house$rb050, eqIncome = house$eqIncome,
                 n14 = house$n14, n13 = house$n13, eqSS = house$eqSS), "data_eusilc.csv")

persons <- data.frame(hid = eusilc$db030, region = as.integer(eusilc$db040), w = eusilc$rb050, y = eusilc$eqIncome)
persons$single <- as.integer(eusilc$hsize == 1)
persons$ym <- ifelse(persons$hid %% 7 == 0, NA, persons$y)  # some households without an answer

dens <- function(at, y, w, h) sum(w * dnorm((at - y) / h)) / (h * sum(w))
band <- function(y, w) sqrt(sum(w * (y - weighted.mean(y, w))^2) / sum(w)) / sum(w)^0.2

# influence of the median, 0 outside of those with an answer
if_median <- function(y, w, known) {
  q <- weightedMedian(y[known], w[known])
  h <- band(y[known], w[known])
  list(value = q, h = h, lin = ifelse(known, -((y <= q) - 0.5) / (sum(w[known]) * dens(q, y[known], w[known], h)), 0))
}
# share with low <= y < high times a median (or a fixed sum) within a domain
if_share <- function(y, w, known, inside, med, low, high) {
  d <- known & inside
  hit <- (if (is.na(low)) TRUE else y >= low * med$value) & y < high * med$value
  value <- sum(w[d & hit]) / sum(w[d])
  slope <- high * dens(high * med$value, y[d], w[d], med$h) -
    (if (is.na(low)) 0 else low * dens(low * med$value, y[d], w[d], med$h))
  list(value = value, lin = ifelse(d, (hit - value) / sum(w[d]), 0) + slope * med$lin)
}
if_gap <- function(y, w, known, inside, med, p = 0.6) {
  d <- known & inside
  t <- p * med$value
  poor <- d & y < t
  m <- weightedMedian(y[poor], w[poor])
  rate <- if_share(y, w, known, inside, med, NA, p)
  f <- dens(m, y[d], w[d], med$h)
  lin_m <- (0.5 * rate$lin - ifelse(d, ((y <= m) - 0.5 * rate$value) / sum(w[d]), 0)) / f
  list(value = 1 - m / t, lin = -lin_m / t + m / t^2 * p * med$lin)
}
if_qsr <- function(y, w, known, inside) {
  d <- known & inside
  yd <- y[d]; wd <- w[d]; N <- sum(wd); h <- band(yd, wd)
  q <- weightedQuantile(yd, wd, c(0.2, 0.8))
  below <- function(q, p) {  # total of those up to a quantile and its influence
    ratio <- sum(wd * yd * dnorm((q - yd) / h)) / sum(wd * dnorm((q - yd) / h))
    list(value = sum(wd * yd * (yd <= q)), lin = yd * (yd <= q) - ratio * ((yd <= q) - p))
  }
  a <- below(q[1], 0.2); b <- below(q[2], 0.8)
  top <- sum(wd * yd) - b$value
  lin <- rep(0, length(y))
  lin[d] <- (yd - b$lin) / a$value - top / a$value^2 * a$lin
  list(value = top / a$value, lin = lin)
}
# derivative of the Gini coefficient by a weight: G = 2 A / (Y N) - 1, A = sum of w x (weight below + half of ties)
if_gini <- function(y, w, known, inside) {
  d <- known & inside
  yd <- y[d]; wd <- w[d]
  N <- sum(wd); Y <- sum(wd * yd)
  values <- sort(unique(yd))
  wv <- as.vector(tapply(wd, factor(yd, values), sum)); yv <- wv * values
  mid <- sapply(values, function(v) sum(wv[values < v]) + sum(wv[values == v]) / 2)
  above <- sapply(values, function(v) sum(yv[values > v]) + sum(yv[values == v]) / 2)
  k <- match(yd, values)
  A <- sum(wd * yd * mid[k])
  g <- 2 * A / (Y * N) - 1
  lin <- rep(0, length(y))
  lin[d] <- 2 * (yd * mid[k] + above[k]) / (Y * N) - (g + 1) * (yd / Y + 1 / N)
  list(value = g, lin = lin)
}

rows <- list()
add <- function(what, domain, est, design, n, df) {
  design <- update(design, lin = est$lin)
  v <- svytotal(~lin, design)
  ci <- est$value + c(-1, 1) * qt(0.975, df) * as.vector(SE(v))
  rows[[length(rows) + 1]] <<- data.frame(what = what, domain = domain, value = est$value, se = as.vector(SE(v)),
                                          low = ci[1], high = ci[2], n = n, df = df)
}
shares <- list(unter_60 = c(NA, 0.6), unter_50 = c(NA, 0.5), unter_70 = c(NA, 0.7), unter_85 = c(NA, 0.85),
               "60_bis_85" = c(0.6, 0.85))
design <- svydesign(ids = ~hid, strata = ~region, weights = ~w, data = persons)
person_units <- svydesign(ids = ~1, strata = ~region, weights = ~w, data = persons)
w <- persons$w
all <- rep(TRUE, nrow(persons))
for (variant in c("y", "ym")) {
  y <- persons[[variant]]
  known <- !is.na(y)
  y[!known] <- 0
  med <- if_median(y, w, known)
  df <- degf(subset(design, known))
  n <- sum(known)
  name <- function(what) paste0(if (variant == "ym") "na_" else "", what)
  add(name("median"), 0, med, design, n, df)
  for (s in names(shares)) add(name(s), 0, if_share(y, w, known, all, med, shares[[s]][1], shares[[s]][2]), design, n, df)
  add(name("luecke"), 0, if_gap(y, w, known, all, med), design, n, df)
  add(name("gini"), 0, if_gini(y, w, known, all), design, n, df)
  add(name("qsr"), 0, if_qsr(y, w, known, all), design, n, df)
  for (r in 1:9) {
    inside <- persons$region == r
    dfr <- degf(subset(design, known & inside))
    nr <- sum(known & inside)
    for (s in names(shares)) add(name(s), r, if_share(y, w, known, inside, med, shares[[s]][1], shares[[s]][2]), design, nr, dfr)
    add(name("luecke"), r, if_gap(y, w, known, inside, med), design, nr, dfr)
    add(name("gini"), r, if_gini(y, w, known, inside), design, nr, dfr)
    add(name("qsr"), r, if_qsr(y, w, known, inside), design, nr, dfr)
  }
}
y <- persons$y
med <- if_median(y, w, all)
# a threshold from outside has no sampling error: survey alone
persons$poor <- as.numeric(y < 11000)
outside <- svymean(~poor, svydesign(ids = ~hid, strata = ~region, weights = ~w, data = persons))
rows[[length(rows) + 1]] <- data.frame(what = "unter_11000", domain = 0, value = coef(outside), se = as.vector(SE(outside)),
                                       low = NA, high = NA, n = nrow(persons), df = degf(design))
by <- svyby(~poor, ~region, svydesign(ids = ~hid, strata = ~region, weights = ~w, data = persons), svymean)
for (r in 1:9) rows[[length(rows) + 1]] <- data.frame(what = "unter_11000", domain = r, value = by$poor[r], se = by$se[r],
                                                      low = NA, high = NA, n = sum(persons$region == r),
                                                      df = degf(subset(design, region == r)))
# difference of the rates of two regions, threshold from the whole
a <- if_share(y, w, all, persons$region == 1, med, NA, 0.6)
b <- if_share(y, w, all, persons$region == 6, med, NA, 0.6)
add("unterschied_1_6", 0, list(value = a$value - b$value, lin = a$lin - b$lin), design,
    sum(persons$region %in% c(1, 6)), degf(subset(design, region == 1)))
# persons as units: what a survey of households must not do
add("personen_als_einheit", 0, if_share(y, w, all, all, med, NA, 0.6), person_units, nrow(persons), degf(person_units))
write(do.call(rbind, rows), "armut_schaetzung.csv")

# laeken's own functions
l <- function(what, obj) {
  by <- obj$valueByStratum
  data.frame(what = what, domain = c(0, match(by$stratum, levels(eusilc$db040))), value = c(obj$value, by$value))
}
points <- rbind(
  l("unter_60", arpr("eqIncome", weights = "rb050", breakdown = "db040", data = eusilc)),
  l("unter_85", arpr("eqIncome", weights = "rb050", breakdown = "db040", p = 0.85, data = eusilc)),
  l("luecke", rmpg("eqIncome", weights = "rb050", breakdown = "db040", data = eusilc)),
  l("gini", gini("eqIncome", weights = "rb050", breakdown = "db040", data = eusilc)),
  l("qsr", qsr("eqIncome", weights = "rb050", breakdown = "db040", data = eusilc)),
  data.frame(what = "median", domain = 0, value = incMedian(eusilc$eqIncome, eusilc$rb050)))
for (p in seq(0.05, 0.95, 0.05)) points <- rbind(points, data.frame(what = paste0("quantil_", p), domain = 0,
  value = weightedQuantile(eusilc$eqIncome, eusilc$rb050, p)))
write(points, "armut_laeken.csv")

# other ways to the standard error: derivative of laeken's Gini by each weight, taken numerically (region 1); bootstrap
# of households within regions (survey, 400 replicates) of laeken's point estimates; formula of convey for the Gini
one <- persons[persons$region == 1, ]
step <- 1e-3 * one$w
numeric <- sapply(seq_len(nrow(one)), function(k) {
  up <- down <- one$w
  up[k] <- up[k] + step[k]; down[k] <- down[k] - step[k]
  (gini(one$y, up)$value - gini(one$y, down)$value) / (200 * step[k])
})
d1 <- svydesign(ids = ~hid, strata = ~region, weights = ~w, data = transform(one, lin = numeric))
other <- data.frame(what = "gini_numerisch", domain = 1, se = as.vector(SE(svytotal(~lin, d1))))
o <- order(y); N <- sum(w); Y <- sum(w * y)
r <- cumsum(w[o]); G <- cumsum(w[o] * y[o])
T1 <- sum(r * y[o] * w[o]); t1 <- Y - G + w[o] * y[o] + r * y[o]
g <- (2 * T1 - Y) / (Y * N) - 1
lin <- numeric(0); lin[o] <- (2 * t1 - y[o]) / (Y * N) - (g + 1) * (y[o] / Y + 1 / N)
other <- rbind(other, data.frame(what = "gini_convey", domain = 0, se = as.vector(SE(svytotal(~lin, update(design, lin = lin))))))
set.seed(1)
boot <- as.svrepdesign(design, type = "subbootstrap", replicates = 400)
theta <- function(w, data) c(median = incMedian(data$y, w), unter_60 = arpr(data$y, w)$value / 100,
  luecke = rmpg(data$y, w)$value / 100, gini = gini(data$y, w)$value / 100, qsr = qsr(data$y, w)$value)
b <- withReplicates(boot, theta)
other <- rbind(other, data.frame(what = paste0("bootstrap_", c("median", "unter_60", "luecke", "gini", "qsr")), domain = 0,
                                 se = as.vector(SE(b))))
# jackknife of households within one region (226 households), own median and rates by laeken
small <- svydesign(ids = ~hid, weights = ~w, data = one)
jack <- as.svrepdesign(small, type = "JK1")
theta <- function(w, data) c(
  jk_unter_60 = arpr(data$y, w)$value / 100, jk_unter_85 = arpr(data$y, w, p = 0.85)$value / 100,
  jk_single_unter_60 = arpr(data$y[data$single == 1], w[data$single == 1], threshold = arpt(data$y, w))$value / 100)
other$value <- NA
b <- withReplicates(jack, theta)
other <- rbind(other, data.frame(what = names(coef(b)), domain = 1, se = as.vector(SE(b)), value = as.vector(coef(b))))
write(other, "armut_andere.csv")
