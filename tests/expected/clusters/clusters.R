# Makes all CSV files of this folder with base R and the packages cluster and fpc, from data sets of R.
# Run in this folder: Rscript clusters.R
options(digits = 17, warn = 1)
suppressMessages({library(cluster); library(fpc)})
version <- sprintf("# R %s.%s, cluster %s, fpc %s, clusters.R", R.version$major, R.version$minor,
                   packageVersion("cluster"), packageVersion("fpc"))
write <- function(x, file) {
  numbers <- sapply(x, is.double)
  x[numbers] <- lapply(x[numbers], function(v) sprintf("%.17g", v))
  out <- file(file, "w")
  writeLines(version, out)
  write.csv(x, out, row.names = FALSE, quote = FALSE)
  close(out)
}
sets <- list(swiss = scale(swiss), arrests = scale(USArrests))
ks <- 2:8
partition <- function(x, k, method) cutree(hclust(dist(x), method), k)

for (name in names(sets)) {
  x <- sets[[name]]
  trees <- lapply(c(ward = "ward.D2", average = "average"), function(m) hclust(dist(x), m))
  write(data.frame(x, pc = prcomp(x)$x), paste0(name, ".csv"))
  write(data.frame(ward = trees$ward$height, average = trees$average$height), paste0(name, "_hoehen.csv"))
  rows <- list(); measures <- list()
  for (k in ks) {
    best <- kmeans(x, k, nstart = 200, iter.max = 100)
    medoids <- pam(x, k)
    found <- list(ward = cutree(trees$ward, k), average = cutree(trees$average, k), kmeans = best$cluster,
                  kmedoids = medoids$clustering)
    for (method in names(found)) {
      labels <- found[[method]]
      rows[[length(rows) + 1]] <- data.frame(verfahren = method, k = k, gebiet = seq_along(labels), gruppe = labels)
      measures[[length(measures) + 1]] <- data.frame(
        verfahren = method, k = k, silhouette = mean(silhouette(labels, dist(x))[, 3]), calinhara = calinhara(x, labels),
        quadratsumme = sum(sapply(split(as.data.frame(x), labels), function(g) sum(scale(g, scale = FALSE)^2))),
        ziel = if (method == "kmedoids") medoids$objective[["swap"]] * nrow(x) else NA)
    }
  }
  write(do.call(rbind, rows), paste0(name, "_gruppen.csv"))
  write(do.call(rbind, measures), paste0(name, "_guete.csv"))
}

# clusterboot: what each call of the method saw, and the Jaccard of each resample
recorded <- function(grouping, ...) {
  seen <- list()
  wrapped <- function(data, ...) {
    seen[[length(seen) + 1]] <<- as.integer(rownames(data))
    grouping(data, ...)
  }
  x <- sets$arrests
  rownames(x) <- seq_len(nrow(x))
  result <- clusterboot(x, B = 30, clustermethod = wrapped, count = FALSE, seed = 1, ...)
  masks <- sapply(seen[-1], function(r) paste(as.integer(seq_len(nrow(x)) %in% r), collapse = ""))
  list(result = result, masks = masks)
}
boots <- list(ward = recorded(hclustCBI, k = 4, method = "ward.D2", scaling = FALSE),
              average = recorded(hclustCBI, k = 4, method = "average", scaling = FALSE),
              kmeans = recorded(kmeansCBI, krange = 4, runs = 100))
out <- do.call(rbind, lapply(names(boots), function(m) {
  b <- boots[[m]]
  data.frame(verfahren = m, ziehung = 1:30, auswahl = paste0("m", b$masks), t(b$result$bootresult))
}))
names(out)[4:7] <- paste0("gruppe", 1:4)
write(out, "clusterboot.csv")
write(do.call(rbind, lapply(names(boots), function(m) with(boots[[m]]$result, data.frame(
  verfahren = m, gruppe = 1:4, jaccard = bootmean, aufgeloest = bootbrd, wiedergefunden = bootrecover,
  kleinstes_gebiet = sapply(1:4, function(g) min(which(partition == g))))))), "clusterboot_mittel.csv")

# clusGap with Ward; the reference data sets are drawn again as clusGap draws them
x <- sets$arrests
ward <- function(x, k) list(cluster = if (k == 1) rep(1L, nrow(x)) else partition(x, k, "ward.D2"))
set.seed(1)
gap <- clusGap(x, ward, K.max = 8, B = 10, d.power = 2, spaceH0 = "scaledPCA", verbose = FALSE)
set.seed(1)
middle <- colMeans(x); xs <- scale(x, center = TRUE, scale = FALSE)
axes <- svd(xs, nu = 0)$v
ranges <- apply(xs %*% axes, 2, range)
reference <- do.call(rbind, lapply(1:10, function(b) {
  z <- apply(ranges, 2, function(M) runif(nrow(x), min = M[1], max = M[2]))
  z <- tcrossprod(z, axes) + rep(middle, each = nrow(x))
  data.frame(satz = b, z)
}))
again <- sapply(1:8, function(k) mean(sapply(split(reference[-1], reference$satz), function(z) {
  g <- split(z, ward(z, k)$cluster)
  log(0.5 * sum(sapply(g, function(part) sum(dist(part)^2 / nrow(part)))))
})))
stopifnot(all.equal(again, unname(gap$Tab[, "E.logW"])))
write(reference, "gap_referenz.csv")
write(data.frame(k = 1:8, gap$Tab,
                 wahl = maxSE(gap$Tab[, "gap"], gap$Tab[, "SE.sim"], method = "Tibs2001SEmax")), "gap.csv")
