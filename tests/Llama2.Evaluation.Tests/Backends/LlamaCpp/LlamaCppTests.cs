using System.Text.Json;
using Llama2.Tests;

namespace Llama2.Evaluation.Tests.Backends.LlamaCpp;

/// <summary>The expected values were computed by llama.cpp from the same tokens: benchmarks/compare/log-likelihoods.</summary>
public sealed class LlamaCppTests
{
    private static readonly string[] s_forms = ["mmlu", "mmlu_continuation"];

    public static TheoryData<string> Models => [.. ComparedModel.All.Select(model => model.Name).Concat(RequestFile.OtherModels).Distinct()];

    [GoldenTheory]
    [MemberData(nameof(Models))]
    public async Task RunAsync_TwoHundredQuestionsOfMmlu_HaveTheLogLikelihoodsOfLlamaCpp(string name)
    {
        using var folder = new TemporaryFolder();
        ComparedModel compared = ComparedModel.All.FirstOrDefault(model => model.Name == name) ?? new ComparedModel(name, Rounding: 1);
        string path = compared.PathIn(folder);
        using LlamaModel model = compared.Load(path);
        string? adapterPath = compared.WriteAdapter(folder);
        using LlamaAdapter? adapter = adapterPath is null ? null : await model.LoadAdapterAsync(adapterPath);
        var computation = new ComputationOptions { Adapters = adapter is null ? [] : [new(adapter)] };
        var forms = new Dictionary<string, ScoredQuestions>();
        foreach (string form in s_forms)
            forms.Add(form, await ScoredQuestions.ComputeAsync(model, computation, form));
        if (RequestFile.Folder is not null)
        {
            RequestFile.Write(compared, path, adapterPath, model.ContextLength, forms);
            return;
        }

        JsonElement expected = GoldenFile.Read("llama-cpp.json").GetProperty(name);
        double error = await compared.ExpectedErrorAsync(model, computation, forms["mmlu"].Sequences[0].Tokens);
        foreach (string form in s_forms)
            Compare(forms[form], expected.GetProperty(form), error, $"{name}, {form}");
    }

    private static void Compare(ScoredQuestions questions, JsonElement expected, double error, string because)
    {
        questions.Responses.Should().HaveCount(ScoredQuestions.Count * ScoredQuestions.ChoiceCount);
        questions.Digest.Should().Be(expected.GetProperty("digest").GetString(), "both programs have to score the same tokens");
        double[][] theirs = [.. expected.GetProperty("log_likelihoods").EnumerateArray().Select(question => question.EnumerateArray().Select(value => value.GetDouble()).ToArray())];
        double[][] ours = [.. questions.Responses.Select(response => response.LogLikelihood).Chunk(ScoredQuestions.ChoiceCount)];

        // Errors of n tokens add up as independent numbers do, to √n of them.
        double[] errors = [.. ours.SelectMany(question => question).Zip(theirs.SelectMany(question => question), questions.Sequences)
            .Select(item => Math.Abs(item.First - item.Second) / Math.Sqrt(item.Third.Tokens.Length - item.Third.Start))];
        Math.Sqrt(errors.Average(value => value * value)).Should().BeLessThanOrEqualTo(error, because);
        errors.Max().Should().BeLessThanOrEqualTo(6 * error, because);

        // In some of the questions, two choices are closer to each other than the errors.
        int sameCount = ours.Zip(theirs).Count(question => question.First.IndexOf(question.First.Max()) == question.Second.IndexOf(question.Second.Max()));
        sameCount.Should().BeGreaterThanOrEqualTo(ScoredQuestions.Count * 97 / 100, because);
        string.Concat(questions.Responses.Select(response => response.IsGreedy ? '1' : '0')).Should().Be(expected.GetProperty("greedy").GetString(), because);
    }
}
