using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Code;

public class PassAtKTests
{
    [Fact]
    public void Estimate_GoldenValues_AreReproduced()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "pass-at-k.json")));

        document.RootElement.GetArrayLength().Should().Be(22);
        foreach (JsonElement[] golden in document.RootElement.EnumerateArray().Select(item => item.EnumerateArray().ToArray()))
        {
            (int n, int c, int k, double expected) = (golden[0].GetInt32(), golden[1].GetInt32(), golden[2].GetInt32(), golden[3].GetDouble());
            PassAtK.Estimate(n, c, k).Should().BeApproximately(expected, ToleranceOf(n, c, k, 1 - expected), "n = {0}, c = {1}, k = {2}", n, c, k);
        }
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(2, -1, 1)]
    [InlineData(2, 3, 1)]
    [InlineData(2, 1, 0)]
    [InlineData(2, 1, 3)]
    public void Estimate_ArgumentOutOfRange_Throws(int n, int c, int k) =>
        FluentActions.Invoking(() => PassAtK.Estimate(n, c, k)).Should().Throw<ArgumentOutOfRangeException>();

    // Each factor 1 - k/i has an absolute error of at most two roundings (2^-53 each), which is i/(i - k) times as much relative to the factor; each
    // multiplication and the last subtraction add one rounding.
    private static double ToleranceOf(int n, int c, int k, double product) =>
        Math.ScaleB(1 + (product * Enumerable.Range(n - c + 1, c).Where(i => i > k).Sum(i => 1 + (2.0 * i / (i - k)))), -53);
}
