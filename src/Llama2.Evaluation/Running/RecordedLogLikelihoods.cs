using System.Text.Json;
using static System.FormattableString;

namespace Llama2.Evaluation;

/// <summary>The recorded log-likelihoods of the choices of all questions of one subject. Immutable and thread-safe.</summary>
/// <param name="Subject">The subject, such as <c>anatomy</c> of MMLU.</param>
/// <param name="Questions">For each question, in the order of the data set, the log-likelihood of each of its choices; finite numbers.</param>
public sealed record RecordedLogLikelihoods(string Subject, IReadOnlyList<IReadOnlyList<double>> Questions)
{
    private const long MaxByteSize = 1L << 30;
    private const int MaxChoiceCount = 1024;

    /// <summary>
    /// Reads a file of recorded log-likelihoods: a list of objects with the fields <c>subject</c> (text) and <c>loglikelihoods</c> (a list of
    /// questions, each a list of numbers). Other fields are ignored.
    /// </summary>
    /// <param name="path">The file, at most 1 GiB.</param>
    /// <exception cref="EvaluationDataException">The file is not in this form, names a subject twice, or is too large.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<RecordedLogLikelihoods> Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = File.OpenRead(path);
        if (file.Length > MaxByteSize)
            throw Fault(path, Invariant($"has {file.Length:N0} bytes, more than {MaxByteSize:N0}"));
        try
        {
            using JsonDocument document = JsonDocument.Parse(file, new JsonDocumentOptions { MaxDepth = 16 });
            if (document.RootElement.ValueKind != JsonValueKind.Array)
                throw Fault(path, "does not contain a list");
            RecordedLogLikelihoods[] subjects = [.. document.RootElement.EnumerateArray().Select(item => Parse(item, path))];
            return subjects.GroupBy(subject => subject.Subject).FirstOrDefault(group => group.Count() > 1) is { } twice
                ? throw Fault(path, $"names the subject '{twice.Key}' twice")
                : subjects;
        }
        catch (JsonException exception)
        {
            throw new EvaluationDataException($"'{path}' is not JSON: {exception.Message}", exception);
        }
    }

    private static RecordedLogLikelihoods Parse(JsonElement item, string path)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("subject", out JsonElement subject) || subject.ValueKind != JsonValueKind.String)
            throw Fault(path, "has an item without the text 'subject'");
        string name = subject.GetString()!;
        if (!item.TryGetProperty("loglikelihoods", out JsonElement questions) || questions.ValueKind != JsonValueKind.Array)
            throw Fault(path, $"has no list 'loglikelihoods' for the subject '{name}'");
        return new RecordedLogLikelihoods(name, [.. questions.EnumerateArray().Select((question, index) => ParseQuestion(question, index, name, path))]);
    }

    private static double[] ParseQuestion(JsonElement question, int index, string subject, string path)
    {
        if (question.ValueKind != JsonValueKind.Array || question.GetArrayLength() is 0 or > MaxChoiceCount)
            throw Fault(path, Invariant($"has no list of 1 to {MaxChoiceCount:N0} numbers for the question {index:N0} (from 0) of the subject '{subject}'"));
        return [.. question.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Fault(path, Invariant($"has a value that is not a finite number for the question {index:N0} (from 0) of the subject '{subject}'")))];
    }

    private static EvaluationDataException Fault(string path, string fault)
        => new($"'{path}' {fault}. A recording is a list of {{\"subject\": TEXT, \"loglikelihoods\": [[NUMBER, …], …]}}.");
}
