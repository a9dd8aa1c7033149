# Makes representativeness_*.csv and the data_*.csv that they come from. Run in this folder: Rscript representativeness.R
# Data: UCBAdmissions (R, package datasets; admitted applicants stand for those who answered) as data_ucb.csv; apistrat and
# apipop of the R package survey (schools; sch.wide stands for the answer, apipop is the population) as
# data_apistrat_schools.csv and data_apipop_margins.csv.
# The R-indicator is written out person by person with R's glm and vcov after Shlomo, Skinner, Schouten (2012), "Estimation
# of an indicator of the representativeness of survey response", J. Stat. Plan. Inference 142, 201-211 (bias, variance), and
# Schouten, Shlomo, Skinner (2011), "Indicators for monitoring and improving representativeness of response", J. Off. Stat.
# 27, 231-253 (partial indicators).
options(digits = 17)
suppressMessages(library(survey))
data(api)
save <- function(frame, file) {
  for (k in seq_along(frame)) if (is.numeric(frame[[k]])) frame[[k]] <- sprintf("%.17g", frame[[k]])
  write.csv(frame, file, row.names = FALSE, quote = FALSE)
}

ucb <- as.data.frame(UCBAdmissions)
cells <- merge(ucb[ucb$Admit == "Admitted", -1], ucb[ucb$Admit == "Rejected", -1], by = c("Gender", "Dept"))
cells <- data.frame(geschlecht = cells$Gender, fach = cells$Dept, n_gezogen = cells$Freq.x + cells$Freq.y,
                    n_unzustellbar = 0, n_geantwortet = cells$Freq.x)
cells <- cells[order(cells$fach, cells$geschlecht), ]
save(cells, "data_ucb.csv")
schools <- data.frame(stype = apistrat$stype, awards = apistrat$awards, yr.rnd = apistrat$yr.rnd,
                      sch.wide = apistrat$sch.wide, pw = apistrat$pw)
save(schools, "data_apistrat_schools.csv")
margins <- rbind(data.frame(merkmal = "stype", wert = names(table(apipop$stype)), N = c(table(apipop$stype))),
                 data.frame(merkmal = "awards", wert = names(table(apipop$awards)), N = c(table(apipop$awards))))
save(margins, "data_apipop_margins.csv")

# response by group: Wilson interval of prop.test, chi-square of the table
by <- function(name) {
  a <- tapply(cells$n_geantwortet, cells[[name]], sum)
  n <- tapply(cells$n_gezogen, cells[[name]], sum)
  ci <- t(sapply(seq_along(n), function(k) prop.test(a[k], n[k], correct = FALSE)$conf.int))
  data.frame(merkmal = name, gruppe = names(n), anteil = c(a / n), unten = ci[, 1], oben = ci[, 2])
}
save(rbind(by("geschlecht"), by("fach")), "representativeness_response.csv")

test <- function(fall, t, n) data.frame(fall = fall, statistik = unname(t$statistic), freiheitsgrade = unname(t$parameter),
                                        p = t$p.value, effekt = sqrt(unname(t$statistic) / n), erwartet_min = min(t$expected))
table2 <- function(name) xtabs(cbind(n_geantwortet, n_gezogen - n_geantwortet) ~ get(name), cells)
fit <- function(name) {
  n <- table(schools[[name]])
  pop <- margins[margins$merkmal == name, ]
  chisq.test(as.vector(n), p = pop$N[match(names(n), pop$wert)], rescale.p = TRUE)
}
save(rbind(test("geschlecht", chisq.test(table2("geschlecht"), correct = FALSE), sum(cells$n_gezogen)),
           test("fach", chisq.test(table2("fach"), correct = FALSE), sum(cells$n_gezogen)),
           test("stype", fit("stype"), nrow(schools)), test("awards", fit("awards"), nrow(schools))),
     "representativeness_tests.csv")

# shares beside the population
design <- svydesign(ids = ~1, weights = ~pw, strata = ~stype, data = schools)
shares <- do.call(rbind, lapply(c("stype", "awards"), function(name) {
  pop <- margins[margins$merkmal == name, ]
  raw <- prop.table(table(schools[[name]]))[pop$wert]
  weighted <- coef(svymean(as.formula(paste0("~factor(", name, ")")), design))
  weighted <- weighted[match(pop$wert, sub(".*\\)", "", names(weighted)))]
  data.frame(merkmal = name, wert = pop$wert, anteil_rand = pop$N / sum(pop$N), anteil_ungewichtet = c(raw),
             anteil_entwurf = unname(weighted),
             d_ungewichtet = sum(abs(raw - pop$N / sum(pop$N))) / 2, d_entwurf = sum(abs(weighted - pop$N / sum(pop$N))) / 2)
}))
save(shares, "representativeness_shares.csv")

# R-indicator, one row per person
indicator <- function(fall, person, formula, names, weight, stratum) {
  n <- nrow(person); N <- sum(weight)
  person$w <- weight / mean(weight)
  fit <- suppressWarnings(glm(formula, binomial, person, weights = w, control = list(epsilon = 1e-15, maxit = 100)))
  rho <- fitted(fit); V <- vcov(fit); X <- model.matrix(fit)
  G <- rho * (1 - rho) * X
  var_total <- function(y) sum(sapply(split(seq_len(n), stratum), function(i) {
    Nh <- sum(weight[i]); nh <- length(i); Nh^2 * (1 - nh / Nh) * var(y[i]) / nh }))
  mean_rho <- sum(weight * rho) / N
  S2 <- sum(weight * (rho - mean_rho)^2) / (N - 1)
  bias <- (sum(weight * rowSums((G %*% V) * G)) - var_total(rho) / N) / N
  keep <- max(0, 1 - bias / S2)
  Gc <- sweep(G, 2, colSums(weight * G) / N)
  A <- colSums(weight * (rho - mean_rho) * Gc) / N
  B <- t(Gc) %*% (weight * Gc) / N
  v <- (4 * t(A) %*% V %*% A + 2 * sum(diag(B %*% V %*% B %*% V)) + var_total((rho - mean_rho)^2) / N^2) /
    (sum(weight * (rho - mean_rho)^2) / N)
  out <- data.frame(fall = fall, was = c("wert", "se", "unkorrigiert", "variationskoeffizient", "antwortquote"),
                    kategorie = "", zahl = c(1 - 2 * sqrt(S2 * keep), sqrt(v), 1 - 2 * sqrt(S2), sqrt(S2 * keep) / mean_rho,
                                             mean_rho))
  for (name in names) {
    k <- person[[name]]
    share <- tapply(weight, k, sum) / N
    within <- tapply(weight * rho, k, sum) / tapply(weight, k, sum)
    pu <- sqrt(share) * (within - mean_rho)
    rest <- interaction(person[setdiff(names, name)], drop = TRUE)
    given <- ave(weight * rho, rest, FUN = sum) / ave(weight, rest, FUN = sum)
    pc2 <- tapply(weight * (rho - given)^2, k, sum) / N
    out <- rbind(out,
      data.frame(fall = fall, was = paste0("unbedingt ", name), kategorie = "", zahl = sqrt(sum(pu^2) * keep)),
      data.frame(fall = fall, was = paste0("bedingt ", name), kategorie = "", zahl = sqrt(sum(pc2) * keep)),
      data.frame(fall = fall, was = paste0("unbedingt ", name), kategorie = names(pu), zahl = c(pu)),
      data.frame(fall = fall, was = paste0("bedingt ", name), kategorie = names(pc2), zahl = sqrt(c(pc2))))
  }
  out
}
applicants <- cells[rep(seq_len(nrow(cells)), cells$n_gezogen), ]
applicants$answered <- unlist(lapply(seq_len(nrow(cells)), function(k)
  rep(1:0, c(cells$n_geantwortet[k], cells$n_gezogen[k] - cells$n_geantwortet[k]))))
schools$answered <- as.integer(schools$sch.wide == "Yes")
save(rbind(
  indicator("ucb", applicants, answered ~ geschlecht + fach, c("geschlecht", "fach"), rep(1, nrow(applicants)),
            rep(1, nrow(applicants))),
  indicator("schools", schools, answered ~ stype + yr.rnd, c("stype", "yr.rnd"), schools$pw, schools$stype)),
  "representativeness_indicator.csv")
