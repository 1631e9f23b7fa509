"""Wilson's confidence interval from its definition: all shares p with |count/n - p| <= z * sqrt(p (1 - p) / n), found by bisection."""
import math
import statistics

z = statistics.NormalDist().inv_cdf(0.975)


def bound(count, n, low, high, inside_is_high):
    for _ in range(200):
        p = (low + high) / 2
        inside = abs(count / n - p) <= z * math.sqrt(p * (1 - p) / n)
        if inside == inside_is_high:
            high = p
        else:
            low = p
    return (low + high) / 2


for count, n in [(0, 10), (1, 10), (5, 10), (10, 10), (3, 400), (250, 1000)]:
    share = count / n
    lower = 0.0 if count == 0 else bound(count, n, 0.0, share, True)
    upper = 1.0 if count == n else bound(count, n, share, 1.0, False)
    print(f"    [InlineData({count}, {n}, {lower!r}, {upper!r})]")
