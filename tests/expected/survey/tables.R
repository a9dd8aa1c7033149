# Shares, means, errors, degrees of freedom and logit intervals of several items, overall and by area, by R survey.
# Data: apistrat, apiclus1, apiclus2 (academic performance index, California) and nhanes of the package survey.
# Writes data_tables_*.csv (the columns that are needed) and tables.csv. Areas are the county number modulo 4; brackets
# are made of meals (share of pupils with subsidised meals) and acs.core (size of classes, with missing values).
suppressMessages(library(survey))
options(digits = 17, survey.lonely.psu = "fail")
data(api)
data(nhanes)

items <- function(x) {
  within(x, {
    gebiet <- paste0("K", cnum %% 4)
    essen <- as.integer(cut(meals, c(-1, 10, 30, 50, 75, 100)))
    klasse <- as.integer(cut(acs.core, c(0, 22, 26, 29, 60)))
    plaetze <- acs.k3
  })
}
keep <- c("gebiet", "essen", "klasse", "plaetze", "stype", "awards", "sch.wide", "api99")
apistrat <- items(apistrat); apiclus1 <- items(apiclus1); apiclus2 <- items(apiclus2)
nh <- subset(nhanes, SDMVSTRA %in% 75:77)
nh$gebiet <- paste0("R", nh$race)
nh$alter <- as.integer(nh$agecat)
nh$chol <- nh$HI_CHOL

dclus1 <- svydesign(id = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc)
totals <- c(`(Intercept)` = nrow(apipop), stypeH = sum(apipop$stype == "H"), stypeM = sum(apipop$stype == "M"),
            api99 = sum(apipop$api99))
greg <- calibrate(dclus1, ~ stype + api99, totals)
apiclus1$gewicht_greg <- weights(greg)
designs <- list(
  srs = svydesign(id = ~1, weights = ~pw, data = apistrat),
  geschichtet = svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc),
  klumpen = dclus1,
  zweistufig = svydesign(id = ~ dnum + snum, fpc = ~ fpc1 + fpc2, data = apiclus2),
  kalibriert = greg,
  nhanes = svydesign(id = ~SDMVPSU, strata = ~SDMVSTRA, weights = ~WTMEC2YR, nest = TRUE, data = nh)
)

out <- function(x, name) {
  numeric <- sapply(x, is.double)
  x[numeric] <- lapply(x[numeric], function(v) ifelse(is.na(v), "", format(v, digits = 17, trim = TRUE)))
  write.csv(x, name, row.names = FALSE, na = "", quote = FALSE)
}
out(apistrat[c(keep, "pw", "fpc")], "data_tables_apistrat.csv")
out(apiclus1[c(keep, "pw", "fpc", "dnum", "gewicht_greg")], "data_tables_apiclus1.csv")
out(apiclus2[c(keep, "dnum", "snum", "fpc1", "fpc2")], "data_tables_apiclus2.csv")
out(nh[c("gebiet", "alter", "chol", "SDMVPSU", "SDMVSTRA", "WTMEC2YR")], "data_tables_nhanes.csv")

rows <- list()
for (name in names(designs)) {
  sample <- designs[[name]]
  nhanes_here <- name == "nhanes"
  coded <- if (nhanes_here) c("alter", "chol") else c("essen", "klasse", "stype", "awards", "sch.wide")
  means <- if (nhanes_here) "alter" else c("essen", "klasse", "plaetze")
  for (area in c("gesamt", sort(unique(sample$variables$gebiet)))) {
    inside <- if (area == "gesamt") rep(TRUE, nrow(sample)) else sample$variables$gebiet == area
    for (item in union(coded, means)) {
      known <- inside & !is.na(sample$variables[[item]])
      domain <- sample[known, ]
      n <- sum(known)
      df <- degf(domain)
      if (item %in% coded) for (value in sort(unique(sample$variables[[item]]))) {
        domain$variables$ist <- as.numeric(domain$variables[[item]] %in% value)
        estimate <- svymean(~ist, domain)
        p <- coef(estimate)
        ends <- c(NA, NA)
        if (p > 1e-9 && p < 1 - 1e-9 && df > 0 && SE(estimate) > 0) ends <- confint(svyciprop(~ist, domain, method = "xlogit"))
        rows[[length(rows) + 1]] <- data.frame(design = name, raum = area, merkmal = item,
          auspraegung = as.character(value), kennzahl = "anteil", n = n, wert = p, se = as.numeric(SE(estimate)),
          df = df, unten = ends[1], oben = ends[2])
      }
      if (item %in% means) {
        # R keeps all rows of a calibrated sample, those outside with weight 0
        domain$variables$zahl <- ifelse(is.na(domain$variables[[item]]), 0, domain$variables[[item]])
        estimate <- svymean(~zahl, domain)
        ends <- if (df > 0) confint(estimate, df = df) else c(NA, NA)
        rows[[length(rows) + 1]] <- data.frame(design = name, raum = area, merkmal = item, auspraegung = "",
          kennzahl = "mittelwert", n = n, wert = as.numeric(coef(estimate)), se = as.numeric(SE(estimate)), df = df,
          unten = ends[1], oben = ends[2])
      }
    }
  }
}
out(do.call(rbind, rows), "tables.csv")
