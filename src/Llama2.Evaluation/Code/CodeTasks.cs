using System.Text.Json;
using System.Text.RegularExpressions;
using Llama2.Evaluation.Code;
using Llama2.Evaluation.ToolCalls;

namespace Llama2.Evaluation;

/// <summary>
/// Makes programming tasks of the rows of data sets: HumanEval (Chen et al. 2021, arXiv 2107.03374) and MBPP (Austin et al. 2021, arXiv 2108.07732).
/// <see cref="DataFolder"/> and <see cref="DataFile"/> read the rows. Thread-safe.
/// </summary>
public static partial class CodeTasks
{
    // The questions that lm-evaluation-harness shows with their solutions before each question of MBPP.
    private static readonly int[] s_mbppExamples = [2, 3, 4];

    /// <summary>Makes the tasks of HumanEval.</summary>
    /// <param name="rows">The rows of the split <c>test</c> of <c>openai/openai_humaneval</c>, or of the file <c>HumanEval.jsonl.gz</c>.</param>
    /// <returns>The tasks, in the order of the rows. Prompts, stop sequences and tests are those of lm-evaluation-harness' task <c>humaneval</c>.</returns>
    /// <exception cref="EvaluationDataException">A row is malformed.</exception>
    public static IReadOnlyList<CodeTask> HumanEval(IEnumerable<JsonElement> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. rows.Select((row, index) => Convert("HumanEval", index, () => ToHumanEvalTask(row)))];
    }

    /// <summary>Makes the tasks of MBPP, each with the same three few-shot examples before it.</summary>
    /// <param name="rows">
    /// The rows of the split <c>test</c> of <c>google-research-datasets/mbpp</c> (configuration <c>full</c>). In the file <c>mbpp.jsonl</c>, these are the
    /// rows whose <c>task_id</c> is 11 to 510.
    /// </param>
    /// <param name="examples">The rows of the split <c>prompt</c>, or of the whole file. The examples are the rows with the <c>task_id</c> 2, 3 and 4.</param>
    /// <returns>
    /// The tasks, in the order of the rows. Prompts, the stop sequence and tests are those of lm-evaluation-harness' task <c>mbpp</c>, which tests with the
    /// first three assertions. A few questions have set-up code; unlike in the harness, it runs before the assertions, because they need it.
    /// </returns>
    /// <exception cref="EvaluationDataException">A row is malformed, or an example is missing.</exception>
    public static IReadOnlyList<CodeTask> Mbpp(IEnumerable<JsonElement> rows, IEnumerable<JsonElement> examples)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(examples);
        MbppQuestion[] solved = [.. examples.Select((row, index) => Convert("MBPP's examples", index, () => MbppQuestion.Read(row)))];
        string shown = string.Concat(s_mbppExamples.Select(id => Array.Find(solved, question => question.Id == id) ??
            throw new EvaluationDataException($"MBPP's examples have no row with the task_id {id}. Give the rows of the split 'prompt', or of the whole file."))
            .Select(example => $"{example.Prompt}{example.Code}\n[DONE]\n\n"));
        return [.. rows.Select((row, index) => Convert("MBPP", index, () => ToMbppTask(MbppQuestion.Read(row), shown)))];
    }

    /// <summary>Makes a task of MBPP without few-shot examples before it.</summary>
    internal static CodeTask MbppWithoutExamples(JsonElement row) => Convert("MBPP", 0, () => ToMbppTask(MbppQuestion.Read(row), ""));

    private static CodeTask ToHumanEvalTask(JsonElement row)
    {
        string prompt = ExampleReader.Text(row, "prompt"), entryPoint = ExampleReader.Text(row, "entry_point");
        if (!Identifier().IsMatch(entryPoint))
            throw new FormatException("its 'entry_point' is not a name");
        // The prompt alone is a program, too: its function has a documentation string as its body. The tests use the imports and functions before it.
        return new CodeTask(ExampleReader.Text(row, "task_id"), prompt, prompt, prompt, $"{ExampleReader.Text(row, "test")}\ncheck({entryPoint})", [entryPoint])
        {
            StopSequences = ["\nclass", "\ndef", "\n#", "\nif", "\nprint"],
            MaxTokens = 1024,
            Solution = ExampleReader.Text(row, "canonical_solution"),
        };
    }

    private static CodeTask ToMbppTask(MbppQuestion question, string examples)
    {
        // The assertions may use what the solution imports (on one line), and call what it defines.
        string imports = string.Concat(Import().Matches(question.Code).Select(match => $"try:\n    {match.Value.Trim()}\nexcept ImportError:\n    pass\n"));
        string[] names = [.. Definition().Matches(question.Code).Select(match => match.Groups["name"].Value).Distinct()];
        return new CodeTask($"MBPP/{question.Id}", examples + question.Prompt, "", imports, string.Join('\n', [question.SetUpCode, .. question.Tests]), names)
        {
            StopSequences = ["[DONE]"],
            MaxTokens = 256,
            Solution = question.Code,
        };
    }

    private static T Convert<T>(string what, int index, Func<T> convert)
    {
        try
        {
            return convert();
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            // An InvalidOperationException is thrown for halves of surrogate pairs.
            throw new EvaluationDataException($"{what}: row {index + 1} cannot be used: {exception.Message.TrimEnd('.')}.", exception);
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^(import|from)[ \t][^\n(\\]*$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Import();

    [GeneratedRegex(@"^(def|class)[ \t]+(?<name>[A-Za-z_][A-Za-z0-9_]*)", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Definition();
}
