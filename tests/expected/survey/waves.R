# Makes waves_*.csv. Run in this folder after intervals.R: Rscript waves.R
# Data: apistrat, apiclus1, apiclus2 of R package survey (data_api_shares.csv). Independent waves: apistrat with the index
# of 1999 as the first, apiclus1 and apiclus2 with that of 2000 as the second. Overlapping waves: apistrat, both years of
# the same schools, the first without every fifth school, the second without every seventh.
suppressMessages(library(survey))
options(digits = 17)
digits <- function(frame) {
  frame[] <- lapply(frame, function(x) if (is.double(x)) format(x, digits = 17, trim = TRUE) else x)
  frame
}
save <- function(frame, file) write.csv(digits(frame), file, row.names = FALSE, quote = FALSE)
api <- read.csv("data_api_shares.csv")
wave <- function(x, number) {
  x$welle <- number
  x$api <- if (number == 1) x$api99 else x$api00
  x$high <- as.integer(x$api > 650)
  x$weight <- x$pw * (1 + 0.001 * number * (x$meals %% 7))
  x
}
strat <- subset(api, sample == "apistrat")
clus1 <- wave(subset(api, sample == "apiclus1"), 2)
clus2 <- wave(subset(api, sample == "apiclus2"), 2)
first <- wave(strat, 1)

one <- rbind(transform(first, psu = snum, h = stype), transform(clus1, psu = dnum, h = "cluster"))
panel <- rbind(first[seq_len(nrow(strat)) %% 5 != 0, ], wave(strat, 2)[seq_len(nrow(strat)) %% 7 != 0, ])
# the first wave's schools as units of two stages, drawn whole within
two <- rbind(transform(first, psu = snum, unit = snum, h = stype, n1 = fpc1, n2 = 1),
             transform(clus2, psu = dnum, unit = snum, h = "cluster", n1 = fpc1, n2 = fpc2))
designs <- list(
  stack = svydesign(~psu, strata = ~h, weights = ~weight, fpc = ~fpc1, data = one, nest = TRUE),
  twostage = svydesign(~psu + unit, strata = ~h, weights = ~weight, fpc = ~n1 + n2, data = two, nest = TRUE),
  panel = svydesign(~snum, strata = ~stype, weights = ~weight, data = panel)
)
rows <- list(); ratios <- list()
for (name in names(designs)) for (domain in c("alle", "E", "H")) {
  d <- designs[[name]]
  if (domain != "alle") d <- subset(d, stype == domain)
  for (item in c("api", "high", "meals")) {
    t <- svyttest(as.formula(paste(item, "~ I(as.integer(welle == 2))")), d)
    m <- sapply(1:2, function(k) coef(svymean(as.formula(paste0("~", item)), subset(d, welle == k))))
    rows[[length(rows) + 1]] <- data.frame(design = name, domain, item, wert_von = m[1], wert_bis = m[2],
      aenderung = as.numeric(t$estimate), se = as.numeric(t$estimate / t$statistic), freiheitsgrade = as.numeric(t$parameter),
      p = as.numeric(t$p.value), unten = as.numeric(t$conf.int[1]), oben = as.numeric(t$conf.int[2]))
  }
  d <- update(d, n1 = api * (welle == 1), d1 = meals * (welle == 1), n2 = api * (welle == 2), d2 = meals * (welle == 2))
  x <- svycontrast(svytotal(~n1 + d1 + n2 + d2, d), quote(n2 / d2 - n1 / d1))
  ratios[[length(ratios) + 1]] <- data.frame(design = name, domain, aenderung = as.numeric(coef(x)), se = as.numeric(SE(x)))
}
save(do.call(rbind, rows), "waves_changes.csv")
save(do.call(rbind, ratios), "waves_ratios.csv")
