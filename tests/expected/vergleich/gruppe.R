# The five Kreise that are most similar to each of the fifteen portraits by size and age: dist() of scale().
# Run in tests/expected/vergleich: Rscript gruppe.R
d <- read.csv2("../../../data/thueringen_portraits_2019.csv", colClasses = c(ags = "character", wert = "character"))
d$wert <- as.numeric(sub(",", ".", d$wert))
n <- function(groesse) with(d[d$groesse == groesse, ], setNames(wert, ags))
keys <- sort(names(n("bevoelkerung")))
all <- n("bevoelkerung")[keys]
x <- cbind(log(all), n("bevoelkerung_unter_18")[keys] / all, n("bevoelkerung_ab_65")[keys] / all)
distance <- as.matrix(dist(scale(x)))
out <- do.call(rbind, lapply(keys, function(key) {
  near <- sort(distance[key, keys != key])[1:5]
  data.frame(ags = key, nachbar = names(near), abstand = near)
}))
options(digits = 17)
write.csv(out, "gruppe.csv", row.names = FALSE, quote = FALSE)
