"""Values of metrics over small samples, from their definitions, for MetricAggregationTests."""
import math
import statistics

likelihoods = [(-12.5, 4), (-3.25, 2), (-40, 11), (-0.125, 1), (-7, 3)]
classes = [(1, 1), (1, 0), (0, 0), (0, 1), (1, 1), (2, 2), (2, 0), (0, 0), (1, 2)]
values = [v for v, _ in likelihoods]
weight = sum(w for _, w in likelihoods)
print("mean", repr(statistics.fmean(values)))
print("sum", repr(math.fsum(values)))
print("median", repr(sorted(values)[len(values) // 2]))
print("perplexity", repr(math.exp(-statistics.fmean(values))))
print("weighted_perplexity", repr(math.exp(-math.fsum(values) / weight)))
print("bits_per_byte", repr(-math.fsum(values) / weight / math.log(2)))
print("mean_error", repr(statistics.stdev(values) / math.sqrt(len(values))))

# F1 of class 1 (binary), from precision and recall.
tp = sum(g == 1 and p == 1 for g, p in classes)
precision = tp / sum(p == 1 for _, p in classes)
recall = tp / sum(g == 1 for g, _ in classes)
print("f1", repr(2 * precision * recall / (precision + recall)))

# Matthews' correlation of several classes: the correlation of the indicator vectors (Gorodkin 2004, equation 8).
labels = sorted({x for pair in classes for x in pair})
n = len(classes)


def covariance(a, b):
    return sum(sum((x == k) * (y == k) for x, y in zip(a, b)) / n - sum(x == k for x in a) / n * sum(y == k for y in b) / n for k in labels)


gold, predicted = [g for g, _ in classes], [p for _, p in classes]
print("matthews_corrcoef", repr(covariance(gold, predicted) / math.sqrt(covariance(gold, gold) * covariance(predicted, predicted))))
