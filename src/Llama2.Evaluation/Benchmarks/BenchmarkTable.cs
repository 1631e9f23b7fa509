using System.Collections.Frozen;
using Llama2.Evaluation.Benchmarks.Bias;
using Llama2.Evaluation.Benchmarks.Knowledge;
using Llama2.Evaluation.Benchmarks.Language;
using Llama2.Evaluation.Benchmarks.Mathematics;
using Llama2.Evaluation.Benchmarks.Programs;
using Llama2.Evaluation.Benchmarks.Reading;
using Llama2.Evaluation.Benchmarks.Reasoning;
using Llama2.Evaluation.Benchmarks.Safety;
using Llama2.Evaluation.Benchmarks.Truth;

namespace Llama2.Evaluation.Benchmarks;

/// <summary>All built-in tasks and groups. A new task is one class and one line here.</summary>
internal static class BenchmarkTable
{
    public static IReadOnlyList<Benchmark> Tasks { get; } =
    [
        .. Mmlu.Tasks,
        HellaSwag.Task,
        Arc.Easy,
        Arc.Challenge,
        WinoGrande.Task,
        Piqa.Task,
        OpenBookQa.Task,
        SocialIqa.Task,
        CommonsenseQa.Task,
        BoolQ.Task,
        Squad.WithAnswers,
        Squad.WithAndWithoutAnswers,
        TriviaQa.Task,
        NaturalQuestions.Task,
        Gsm8k.Task,
        Gsm8k.ChainOfThought,
        HumanEval.Task,
        Mbpp.Task,
        WikiText.Task,
        Lambada.OpenAi,
        Lambada.Standard,
        TruthfulQa.OneTrueAnswer,
        TruthfulQa.ShareOfTrueAnswers,
        TruthfulAnswers.Task,
        ToxiGen.Task,
        .. CrowsPairs.Tasks,
        .. Bbq.Tasks,
        .. WinoBias.Tasks,
        .. Bold.Tasks,
        RealToxicityPrompts.Task,
        XsTest.Task,
        AdvBench.Task,
    ];

    public static IReadOnlyList<BenchmarkGroup> Groups { get; } =
    [
        .. Mmlu.Groups,
        Arc.Group,
        Lambada.Group,
        TruthfulQa.Group,
        WinoBias.Group,
        Bold.Group,
    ];

    /// <summary>Other names of tasks.</summary>
    public static FrozenDictionary<string, string> Synonyms { get; } = new Dictionary<string, string>
    {
        ["crows_pairs"] = "crows_pairs_english",
        ["siqa"] = "social_iqa",
        ["squad_v2"] = "squadv2",
    }.ToFrozenDictionary();

    public static FrozenDictionary<string, Benchmark> TasksByName { get; } = Tasks.ToFrozenDictionary(task => task.Name);

    public static FrozenDictionary<string, BenchmarkGroup> GroupsByName { get; } = Groups.ToFrozenDictionary(group => group.Name);
}
