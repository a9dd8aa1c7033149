# Neighbours, Moran's I and SKATER of the counties of North Carolina (nc.shp of package sf) by R spdep.
# Run in this folder: Rscript raum.R
suppressMessages({library(sf); library(spdep)})
nc <- st_read(system.file("shape/nc.shp", package = "sf"), quiet = TRUE)
nc <- nc[order(nc$FIPS), ]
st_crs(nc) <- NA
write <- function(x, file) write.csv(x, file, row.names = FALSE, quote = TRUE, fileEncoding = "UTF-8")
options(digits = 17)
geometry <- sapply(st_geometry(nc), function(g) {
  rings <- function(p) paste0("[", paste(sapply(p, function(r)
    paste0("[", paste(apply(r, 1, function(v) sprintf("[%.6f,%.6f]", v[1], v[2])), collapse = ","), "]")), collapse = ","), "]")
  paste0('{"type":"MultiPolygon","coordinates":[', paste(sapply(g, rings), collapse = ","), "]}")
})
x <- data.frame(sid = 1000 * nc$SID74 / nc$BIR74, nichtweiss = nc$NWBIR74 / nc$BIR74,
                wachstum = nc$BIR79 / nc$BIR74 - 1, flaeche = nc$AREA)
write(cbind(data.frame(ags = nc$FIPS, geometrie = geometry, geburten = nc$BIR74), format(x, digits = 17)), "nc.csv")
pairs <- function(nb) do.call(rbind, lapply(seq_along(nb), function(i) if (nb[[i]][1] > 0) data.frame(ags = nc$FIPS[i], nachbar = nc$FIPS[nb[[i]]])))
queen <- poly2nb(nc, queen = TRUE, snap = 1e-7); rook <- poly2nb(nc, queen = FALSE, snap = 1e-7)
write(rbind(cbind(art = "queen", pairs(queen)), cbind(art = "rook", pairs(rook))), "nc_nachbarn.csv")
w <- nb2listw(rook, style = "W", zero.policy = TRUE)
m <- t(sapply(x, function(v) moran.test(v, w, zero.policy = TRUE)$estimate))
write(data.frame(indikator = names(x), moran = m[, 1], erwartet = m[, 2]), "nc_moran.csv")
write(data.frame(ags = nc$FIPS, lisa = localmoran(x$nichtweiss, w, mlvar = FALSE, zero.policy = TRUE)[, 1]), "nc_lisa.csv")
z <- scale(x)
tree <- mstree(nb2listw(rook, nbcosts(rook, z), style = "B"), 1)
found <- lapply(c(ohne = 0, mit = 20000), function(least)
  skater(tree[, 1:2], z, 5, crit = max(least, 1), vec.crit = nc$BIR74)$groups)
write(data.frame(ags = nc$FIPS, ohne = found$ohne, mit = found$mit), "nc_skater.csv")
