# Errors under the rules for a stratum with one unit, by R survey 4.1-1; writes lonely.csv. Run in this folder.
# Data: apistrat, apiclus1, apiclus2 of the package survey (data_lonely.csv). Strata are made of the first letter of the
# county, so that some have one unit; of the districts of apiclus2 with an even number one school is kept.
suppressMessages(library(survey))
options(digits = 17, warn = -1)
data(api)
columns <- c("cname", "stype", "dnum", "snum", "pw", "api00", "api99", "acs.46", "api.stu", "sch.wide", "awards")
extract <- function(x, name) {
  sizes <- if ("fpc2" %in% names(x)) x[c("fpc1", "fpc2")] else data.frame(fpc1 = NA, fpc2 = NA)[rep(1, nrow(x)), ]
  cbind(sample = name, x[columns], sizes)
}
apiclus2 <- apiclus2[apiclus2$dnum %% 2 == 1 | !duplicated(apiclus2$dnum), ]
data <- rbind(extract(apistrat, "apistrat"), extract(apiclus1, "apiclus1"), extract(apiclus2, "apiclus2"))
data <- with(data, data.frame(sample, letter = substr(cname, 1, 1), stype, dnum, snum, pw, api00, api99, acs46 = acs.46,
                              stu = api.stu, schwide = as.integer(sch.wide == "Yes"),
                              awards = as.integer(awards == "Yes"), fpc1 = as.numeric(fpc1), fpc2 = as.numeric(fpc2)))
data$pw <- format(data$pw, digits = 17, trim = TRUE)
write.csv(data, "data_lonely.csv", row.names = FALSE, quote = FALSE, na = "")
data <- read.csv("data_lonely.csv")
strat <- subset(data, sample == "apistrat")
clus <- subset(data, sample == "apiclus1")
two <- subset(data, sample == "apiclus2")
options(survey.lonely.psu = "remove")
clustered <- svydesign(~dnum, strata = ~letter, weights = ~pw, data = clus, nest = TRUE)
totals <- c(`(Intercept)` = 6194, stypeH = 755, stypeM = 1018)
designs <- list(
  elemente = svydesign(~1, strata = ~ interaction(stype, letter, drop = TRUE), weights = ~pw, data = strat),
  klumpen = clustered,
  zweistufig = svydesign(~ dnum + snum, strata = ~letter, fpc = ~ fpc1 + fpc2, data = two, nest = TRUE),
  kalibriert = calibrate(clustered, ~stype, totals)
)
domains <- list(alle = quote(rep(TRUE, length(stype))), ausgezeichnet = quote(awards == 1),
                grundschule = quote(stype == "E"), bis_m = quote(letter < "N"))

found <- function(x) c(as.numeric(coef(x)), as.numeric(SE(x)))
statistics <- list(
  mittelwert = function(d) found(svymean(~api00, d)),
  mit_luecken = function(d) found(svymean(~acs46, d, na.rm = TRUE)),
  summe = function(d) found(svytotal(~stu, d)),
  verhaeltnis = function(d) found(svyratio(~api00, ~api99, d)),
  anteil = function(d) found(svymean(~schwide, d)),
  median = function(d) found(svyquantile(~api00, d, 0.5, interval.type = "mean", qrule = "math"))
)
rows <- list()
for (name in names(designs)) for (rule in c("fail", "remove", "certainty", "adjust", "average"))
  for (also_domains in c(FALSE, TRUE)) {
    options(survey.lonely.psu = rule, survey.adjust.domain.lonely = also_domains)
    for (part in names(domains)) for (kind in names(statistics)) {
      d <- designs[[name]]
      inside <- eval(domains[[part]], d$variables)
      value <- tryCatch(statistics[[kind]](if (part == "alle") d else d[inside, ]), error = function(e) c(NA, NA))
      rows[[length(rows) + 1]] <- data.frame(design = name, regel = rule, im_bereich = also_domains, bereich = part,
                                             kennzahl = kind, wert = value[1], se = value[2])
    }
  }
result <- do.call(rbind, rows)
for (column in c("wert", "se")) result[[column]] <- format(result[[column]], digits = 17, trim = TRUE)
write.csv(result, "lonely.csv", row.names = FALSE, quote = FALSE)
weights <- data.frame(gewicht = format(weights(designs$kalibriert), digits = 17, trim = TRUE))
write.csv(weights, "lonely_kalibriert.csv", row.names = FALSE, quote = FALSE)
