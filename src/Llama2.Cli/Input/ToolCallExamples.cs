using System.Text.Json;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;
using static System.FormattableString;

namespace Llama2.Cli.Input;

/// <summary>Reads questions and answers of the Berkeley Function Calling Leaderboard.</summary>
internal static class ToolCallExamples
{
    private const int MaxCount = 100_000;

    /// <summary>Reads files of questions, and finds the answer to each question by the question's id.</summary>
    /// <param name="questionPaths">Files with a question in each line.</param>
    /// <param name="answerPaths">Files with an answer in each line.</param>
    /// <param name="limit">The maximum number of questions that are taken from each file, from its beginning; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CommandException">A file does not exist, a line is malformed, or there are too many lines.</exception>
    public static async Task<List<ToolCallExample>> ReadAsync(
        IEnumerable<string> questionPaths, IEnumerable<string> answerPaths, int? limit, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<string, JsonElement>();
        foreach (string path in answerPaths)
        {
            await foreach ((string id, JsonElement answer) in JsonLines.ReadAsync(path, ParseAnswer, cancellationToken).ConfigureAwait(false))
            {
                if (!answers.TryAdd(id, answer))
                    throw new CommandException($"'{path}': there are two answers with the id '{id}'.");
                CheckCount(answers.Count, path);
            }
        }

        List<ToolCallExample> examples = [];
        foreach (string path in questionPaths)
        {
            int count = 0;
            IAsyncEnumerable<ToolCallExample?> read = JsonLines.ReadAsync(path, line => count < (limit ?? MaxCount) ? ParseQuestion(line, answers) : null, cancellationToken);
            await foreach (ToolCallExample? example in read.ConfigureAwait(false))
            {
                if (example is null)
                    break;
                examples.Add(example);
                CheckCount(examples.Count, path);
                count++;
            }
        }

        return examples.Count > 0 ? examples : throw new CommandException("The files of questions have no lines.");
    }

    private static void CheckCount(int count, string path)
    {
        if (count > MaxCount)
            throw new CommandException(Invariant($"'{path}': there are more than {MaxCount:N0} lines; give fewer files, or --limit."));
    }

    private static (string Id, JsonElement Answer) ParseAnswer(ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = JsonLine.Parse(line);
        return ReadId(document.RootElement) is { } id
            ? (id, document.RootElement.Clone())
            : throw new CommandException("not an object with a string \"id\".");
    }

    private static ToolCallExample ParseQuestion(ReadOnlyMemory<byte> line, Dictionary<string, JsonElement> answers)
    {
        using JsonDocument document = JsonLine.Parse(line);
        JsonElement question = document.RootElement;
        try
        {
            return ToolCallExample.Parse(question, ReadId(question) is { } id && answers.TryGetValue(id, out JsonElement answer) ? answer : null);
        }
        catch (EvaluationDataException exception)
        {
            throw new CommandException(exception.Message, exception);
        }
    }

    private static string? ReadId(JsonElement line) =>
        line.ValueKind == JsonValueKind.Object && line.TryGetProperty("id"u8, out JsonElement id) && id.ValueKind == JsonValueKind.String ? JsonText.Read(id) : null;
}
