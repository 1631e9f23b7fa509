using System.Text.Json;
using Llama2.Evaluation.Python;
using Llama2.Evaluation.Tasks;

namespace Llama2.Evaluation.Benchmarks.Knowledge;

/// <summary>
/// Measuring Massive Multitask Language Understanding (Hendrycks et al. 2021, arXiv 2009.03300): questions with four answers about 57 subjects. The
/// forms are lm-evaluation-harness' <c>mmlu</c>, whose choices are the letters, and <c>mmlu_continuation</c>, whose choices are the answers' texts.
/// </summary>
internal static class Mmlu
{
    private static readonly string[] s_letters = ["A", "B", "C", "D"];

    /// <summary>The tasks of all subjects in both forms.</summary>
    public static IEnumerable<Benchmark> Tasks { get; } = [.. MmluSubjects.All.Select(CreateLetters), .. MmluSubjects.All.Select(CreateContinuation)];

    /// <summary>The groups of both forms: all subjects, and each category.</summary>
    public static IEnumerable<BenchmarkGroup> Groups { get; } = [.. CreateGroups(""), .. CreateGroups("_continuation")];

    private static Benchmark CreateLetters(MmluSubject subject) => new($"mmlu_{subject.Name}", new DatasetPart("cais/mmlu", subject.Name, "test", "dev"))
    {
        Alias = subject.Name,
        Description = $"MMLU, {subject.Title}: accuracy of the letter A to D after the question and its four answers, as lm-evaluation-harness computes it. "
            + "5 few-shot examples, the first of the split dev, as for published figures; the harness' file names no number.",
        Output = DocumentOutput.MultipleChoice,
        FewShotCount = 5,
        FewShotsAreFirst = true,
        Define = context => context.Define(QuestionWithChoices, Answer) with
        {
            Description = _ => $"The following are multiple choice questions (with answers) about {subject.Title}.\n\n",
            Choices = _ => s_letters,
            Metrics = [BenchmarkMetrics.Accuracy],
        },
    };

    private static Benchmark CreateContinuation(MmluSubject subject) => new($"mmlu_{subject.Name}_continuation", new DatasetPart("cais/mmlu", subject.Name, "test", "dev"))
    {
        Alias = $"{subject.Name} (continuation)",
        Description = $"MMLU, {subject.Title}: accuracy of the answer's text after the question, without and with division of the log-likelihood by the text's "
            + "characters, as lm-evaluation-harness computes it. No few-shot examples, as in the harness' file; the harness' group shows acc only.",
        Output = DocumentOutput.MultipleChoice,
        FewShotsAreFirst = true,
        Define = context => context.Define(document => $"Question: {PythonString.Strip(document.Text("question"))}\nAnswer:", Answer) with
        {
            Description = _ => $"The following are questions (with answers) about {subject.Title}.\n\n",
            Choices = document => document.Texts("choices"),
            Metrics = BenchmarkMetrics.BothAccuracies,
        },
    };

    private static TaskValue QuestionWithChoices(JsonElement document)
    {
        IReadOnlyList<string> choices = document.Texts("choices");
        if (choices.Count != s_letters.Length)
            throw DocumentFields.Fault(document, $"it has {choices.Count} choices, not 4");
        return $"{PythonString.Strip(document.Text("question"))}\nA. {choices[0]}\nB. {choices[1]}\nC. {choices[2]}\nD. {choices[3]}\nAnswer:";
    }

    private static TaskValue Answer(JsonElement document)
    {
        int answer = document.Integer("answer");
        return answer is >= 0 and < 4 ? answer : throw DocumentFields.Fault(document, $"the answer is {answer}, not 0 to 3");
    }

    private static IEnumerable<BenchmarkGroup> CreateGroups(string suffix)
    {
        string form = suffix.Length == 0 ? "letters as choices" : "the answers' texts as choices";
        IReadOnlyList<string> metrics = suffix.Length == 0 ? ["acc"] : ["acc", "acc_norm"];
        foreach (string category in MmluSubjects.Categories)
        {
            string[] names = [.. MmluSubjects.All.Where(subject => subject.Category == category).Select(subject => $"mmlu_{subject.Name}{suffix}")];
            yield return new BenchmarkGroup(
                new EvaluationTaskGroup(GroupName(category, suffix), names) { Alias = category, Version = "2", Metrics = metrics },
                $"MMLU's {names.Length} subjects of the category {category}, {form}; all questions have the same weight.")
            { LeavesOutMissing = true };
        }

        yield return new BenchmarkGroup(
            new EvaluationTaskGroup($"mmlu{suffix}", [.. MmluSubjects.Categories.Select(category => GroupName(category, suffix))])
            {
                Alias = suffix.Length == 0 ? null : "mmlu (continuation)",
                Version = "2",
                Metrics = metrics,
            },
            $"MMLU's 57 subjects in four categories, {form}; all questions have the same weight. Subjects that are not in the folder are left out, and the group's name in reports says how "
                + "many there are.")
        { LeavesOutMissing = true };
    }

    private static string GroupName(string category, string suffix) => $"mmlu_{category.Replace(' ', '_')}{suffix}";
}
