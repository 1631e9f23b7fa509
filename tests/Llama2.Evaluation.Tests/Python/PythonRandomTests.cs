using System.Text.Json;
using Llama2.Evaluation.Python;

namespace Llama2.Evaluation.Tests.Python;

public sealed class PythonRandomTests
{
    // Computed by Python: tests/Reference/python_text.py.
    private static readonly JsonElement s_golden = GoldenFile.Read("python-text.json").GetProperty("samples");

    public static TheoryData<long> Seeds => [.. s_golden.EnumerateArray().Select(row => row.GetProperty("seed").GetInt64())];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sample_SequenceOfDraws_IsThatOfPython(long seed)
    {
        var random = new PythonRandom(seed);

        foreach (JsonElement draw in s_golden.EnumerateArray().First(row => row.GetProperty("seed").GetInt64() == seed).GetProperty("draws").EnumerateArray())
            random.Sample(draw[0].GetInt32(), draw[1].GetInt32()).Should().Equal([.. draw[2].EnumerateArray().Select(item => item.GetInt32())]);
    }
}
