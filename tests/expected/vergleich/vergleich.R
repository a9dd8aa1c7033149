# Makes segregation_zufall.csv, paare.csv, abstaende.csv with base R (packages stats, datasets).
# Run in this folder: Rscript vergleich.R
options(digits = 17, warn = 1)
write <- function(x, file) {
  numbers <- sapply(x, is.double)
  x[numbers] <- lapply(x[numbers], function(v) sprintf("%.17g", v))
  out <- file(file, "w")
  writeLines(sprintf("# R %s.%s, vergleich.R", R.version$major, R.version$minor), out)
  write.csv(x, out, row.names = FALSE, quote = FALSE)
  close(out)
}
sids <- read.csv("data_sids.csv", colClasses = c(FIPS = "character"))

# dissimilarity and isolation expected by lot: sums over the hypergeometric distribution of each county
expected <- function(group, total) {
  X <- sum(sids[[group]]); t <- sids[[total]]; T <- sum(t)
  each <- sapply(t, function(ti) {
    k <- 0:min(ti, X); p <- dhyper(k, X, T - X, ti)
    c(sum(p * abs(k / X - (ti - k) / (T - X))), sum(p * k^2) / ti / X)
  })
  data.frame(gruppe = group, insgesamt = total, dissimilaritaet = sum(each[1, ]) / 2, isolation = sum(each[2, ]))
}
write(rbind(expected("NWBIR74", "BIR74"), expected("SID74", "BIR74"), expected("NWBIR79", "BIR79"),
            expected("SID79", "BIR79")), "segregation_zufall.csv")

# all pairs of the first 12 counties: share of nonwhite births
n <- 12
pairs <- t(combn(n, 2))
p <- apply(pairs, 1, function(k) suppressWarnings(
  prop.test(sids$NWBIR74[k], sids$BIR74[k], correct = FALSE)$p.value))
write(data.frame(ags = sids$FIPS[pairs[, 1]], ags_andere = sids$FIPS[pairs[, 2]], p = p,
                 p_korrigiert = p.adjust(p, "holm")), "paare.csv")

# distances of all Swiss provinces of 1888 from the first, complete and with missing values
values <- as.matrix(swiss)
z <- scale(values)
robust <- scale(values, apply(values, 2, median), apply(values, 2, mad))
gaps <- values
gaps[2, 3] <- gaps[5, 1] <- gaps[10, 6] <- NA
write(data.frame(
  ags = gsub("[^A-Za-z]", "", rownames(values)), values,
  z = as.matrix(dist(z))[1, ], robust = as.matrix(dist(robust))[1, ],
  mahalanobis = sqrt(mahalanobis(values, values[1, ], cov(values))),
  mit_luecken = as.matrix(dist(scale(gaps)))[1, ]
), "abstaende.csv")
