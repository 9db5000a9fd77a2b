# Draws small data sets (ties, decimals, groups, delayed entry) and prints R's answers: one JSON line an analysis.
suppressMessages(library(survival))
set.seed(20260101)
number <- function(x) ifelse(is.finite(x), formatC(x, digits = 17, format = "g"), "null")
list_of <- function(x) paste0("[", paste(number(x), collapse = ","), "]")
for (k in seq_len(as.integer(commandArgs(TRUE)[[1]]))) {
  n <- sample(1:30, 1)
  time <- switch(sample(1:4, 1), sample(1:12, n, TRUE), sample(0:40, n, TRUE), round(runif(n, 0, 5), 2),
    sample(seq(0.1, 2, by = 0.1), n, TRUE))
  event <- rbinom(n, 1, sample(c(0.1, 0.5, 0.9), 1))
  group <- sample(seq_len(sample(1:2, 1)), n, TRUE)
  entry <- NULL
  if (sample(c(TRUE, FALSE), 1)) {
    entry <- pmax(0, round(time - sample(1:8, n, TRUE) * runif(n), 3))
    kept <- entry < time
    time <- time[kept]; event <- event[kept]; group <- group[kept]; entry <- entry[kept]
    if (length(time) == 0) next
  }
  kind <- sample(c("log-log", "log", "plain"), 1)
  response <- if (is.null(entry)) Surv(time, event) else Surv(entry, time, event)
  fit <- survfit(response ~ group, conf.type = kind)
  times <- sort(unique(c(0, sample(time, 1), round(runif(3, 0, 1.2 * max(time)), 2))))
  at <- summary(fit, times = times, extend = TRUE)
  groups <- sort(unique(group))
  of <- if (is.null(at$strata)) rep(1, length(at$time)) else as.integer(at$strata)
  median <- lapply(quantile(fit, probs = 0.5), as.vector)
  for (g in seq_along(groups)) {
    cat(sprintf('{"kind":"%s","position":%d,"time":%s,"event":%s,"group":%s,"entry":%s,"times":%s,"nRisk":%s,"nEvent":%s,"survival":%s,"se":%s,"lower":%s,"upper":%s,"median":%s}\n',
      kind, g - 1, list_of(time), list_of(event), list_of(group), if (is.null(entry)) "null" else list_of(entry),
      list_of(times), list_of(at$n.risk[of == g]), list_of(at$n.event[of == g]), list_of(at$surv[of == g]),
      list_of(at$std.err[of == g]), list_of(at$lower[of == g]), list_of(at$upper[of == g]),
      list_of(c(median$quantile[g], median$lower[g], median$upper[g]))))
  }
}
