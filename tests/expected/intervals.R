# Makes intervals.csv: Wilson intervals of R's prop.test (package stats) for figures of the Thüringen brochure.
# Run in this folder: Rscript intervals.R > intervals.csv
cat(sprintf("# R %s.%s, prop.test(x, n, correct = FALSE)\n", R.version$major, R.version$minor))
cat("fall,x,n,unten,oben\n")
wilson <- function(fall, x, n) {
  ci <- suppressWarnings(prop.test(x, n, correct = FALSE))$conf.int
  cat(sprintf("%s,%.10g,%.10g,%.15g,%.15g\n", fall, x, n, ci[1], ci[2]))
}
# Altenburger Land, 31.12.2019: shares of the whole, and of the two groups of each quotient
wilson("anteil_unter_18", 12365, 89393)
wilson("anteil_ab_65", 27577, 89393)
wilson("altenquotient_als_anteil", 27577, 27577 + 49451)
wilson("jugendquotient_als_anteil", 12365, 12365 + 49451)
# Altenburger Land, Mindestsicherungsquote 2023
wilson("mindestsicherungsquote", 8938, 88930)
# published rates: the printed value minus and plus half of its last digit, on the stated basis
wilson("hilfe_zum_lebensunterhalt_unten", 0.002605 * 89393, 89393)
wilson("hilfe_zum_lebensunterhalt_oben", 0.002615 * 89393, 89393)
wilson("arbeitslosenquote_unten", 0.0705 * 49451 / 2, 49451 / 2)
wilson("arbeitslosenquote_oben", 0.0715 * 49451 / 2, 49451 / 2)
