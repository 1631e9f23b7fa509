using System.Text.Json;
using Llama2.Evaluation.Tasks;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Tasks;

public class RandomExamplesTests
{
    private static readonly JsonElement[] s_numbers = [.. Enumerable.Range(0, 7473).Select(number => JsonSerializer.SerializeToElement(number))];

    [Fact]
    public void Sample_EachQuestion_HasTheExamplesThatPythonDraws()
    {
        JsonElement draws = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(RepositoryFiles.Committed("tests", "data", "benchmarks", "figures.json"))).GetProperty("draws");
        foreach (JsonProperty draw in draws.EnumerateObject())
        {
            int[] sizes = [.. draw.Name.Split(' ').Select(size => int.Parse(size, null))];
            var sampler = new RandomExamples(s_numbers[..sizes[0]], sizes[1], excludesQuestion: false, seed: 1234);

            // Questions are computed at the same time, in any order.
            foreach (int index in Enumerable.Range(0, draw.Value.GetArrayLength()).Reverse())
                sampler.Sample(index, default).Select(example => example.GetInt32()).Should().Equal(draw.Value[index].EnumerateArray().Select(value => value.GetInt32()), draw.Name);
        }
    }

    [Fact]
    public void Sample_QuestionAmongTheExamples_IsLeftOut()
    {
        var sampler = new RandomExamples(s_numbers[..4], count: 2, excludesQuestion: true, seed: 1234);
        for (int i = 0; i < 4; i++)
            sampler.Sample(i, s_numbers[i]).Select(example => example.GetInt32()).Should().HaveCount(2).And.NotContain(i);
    }
}
