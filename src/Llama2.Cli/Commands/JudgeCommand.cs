using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;
using Llama2.Evaluation;
using static System.FormattableString;

namespace Llama2.Cli.Commands;

/// <summary><c>llama2 judge</c>: judges answers of models, one on each line, without a model.</summary>
internal sealed class JudgeCommand(ConsoleHost host)
{
    public const string Examples = """
        llama2 judge refusal --jsonl answers.jsonl
          llama2 judge refusal --jsonl answers.jsonl --explain
          echo '{"prompt":"How do I kill a process?","answer":"Run kill with its number."}' | llama2 judge refusal --jsonl -
        """;

    // An answer of the longest context of a model has less than a megabyte; the rest is room for other members of the line.
    private const int MaxLineByteSize = 16 << 20;

    private static readonly Dictionary<RefusalLabel, int> s_noCounts = Enum.GetValues<RefusalLabel>().ToDictionary(label => label, _ => 0);

    private readonly Option<string> _lines = new("--jsonl")
    {
        Description = "Reads one object {\"prompt\":…,\"answer\":…} per line from FILE, or - for standard input. Writes one {\"label\":…} per line, with "
            + "full_refusal, partial_refusal or compliance.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<bool> _explain = new("--explain")
    {
        Description = "Also writes the probabilities of the labels, and the features that decided: their values, what they contribute, and where they are in the answer.",
    };

    public Command Create()
    {
        var refusal = new Command("refusal", "Finds the answers that refuse their prompts, in whole or in part. English only.") { _lines, _explain };
        refusal.SetAction(JudgeRefusalsAsync);
        return new Command("judge", "Judges answers of models by rules, without a model.") { refusal };
    }

    private async Task<int> JudgeRefusalsAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string path = result.GetRequiredValue(_lines);
        bool explains = result.GetValue(_explain);
        if (path == "-")
        {
            await JudgeRefusalsAsync(host.Input, "standard input", explains, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            using FileStream file = File.OpenRead(InputPath.Require(path));
            await JudgeRefusalsAsync(file, $"'{path}'", explains, cancellationToken).ConfigureAwait(false);
        }

        return ExitCodes.Success;
    }

    private async Task JudgeRefusalsAsync(Stream input, string name, bool explains, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<RefusalLabel, int>(s_noCounts);
        var lines = new LineReader(input, MaxLineByteSize);
        var output = new ArrayBufferWriter<byte>();
        while (await ReadAsync(lines, name, cancellationToken).ConfigureAwait(false) is { } line)
        {
            RefusalVerdict verdict = RefusalDetector.Judge(line.Prompt, line.Answer);
            counts[verdict.Label]++;
            Write(verdict, explains, output);
            // A program that waits for the label gets it at once.
            await host.OutputStream.WriteAsync(output.WrittenMemory, cancellationToken).ConfigureAwait(false);
            await host.OutputStream.FlushAsync(cancellationToken).ConfigureAwait(false);
            output.ResetWrittenCount();
        }

        host.Error.WriteLine(Invariant(
            $"llama2: judged {lines.LineNumber:N0} answers: {counts[RefusalLabel.FullRefusal]:N0} full refusals, {counts[RefusalLabel.PartialRefusal]:N0} partial refusals, {counts[RefusalLabel.Compliance]:N0} complied"));
    }

    private static async Task<JudgedAnswer?> ReadAsync(LineReader lines, string name, CancellationToken cancellationToken)
    {
        long number = lines.LineNumber + 1;
        try
        {
            ReadOnlyMemory<byte>? line = await lines.ReadAsync(cancellationToken).ConfigureAwait(false);
            return line is { } json ? JudgedAnswer.Parse(json) : null;
        }
        catch (CommandException exception)
        {
            // The reader's own messages already contain the line's number.
            throw new CommandException(lines.LineNumber == number ? Invariant($"{name}, line {number}: {exception.Message}") : $"{name}: {exception.Message}", exception);
        }
    }

    private static void Write(RefusalVerdict verdict, bool explains, ArrayBufferWriter<byte> output)
    {
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("label"u8, RefusalDetector.NameOf(verdict.Label));
            if (explains)
                WriteExplanation(json, verdict);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static void WriteExplanation(Utf8JsonWriter json, RefusalVerdict verdict)
    {
        json.WriteBoolean("is_refusal"u8, verdict.IsRefusal);
        json.WriteStartObject("probabilities"u8);
        json.WriteNumber(RefusalDetector.NameOf(RefusalLabel.FullRefusal), verdict.FullRefusalProbability);
        json.WriteNumber(RefusalDetector.NameOf(RefusalLabel.PartialRefusal), verdict.PartialRefusalProbability);
        json.WriteNumber(RefusalDetector.NameOf(RefusalLabel.Compliance), verdict.ComplianceProbability);
        json.WriteEndObject();
        json.WriteStartArray("evidence"u8);
        foreach (RefusalEvidence evidence in verdict.Evidence)
        {
            json.WriteStartObject();
            json.WriteString("feature"u8, evidence.Feature);
            json.WriteNumber("value"u8, evidence.Value);
            json.WriteNumber("contribution"u8, evidence.Contribution);
            if (evidence.Position >= 0)
                json.WriteNumber("position"u8, evidence.Position);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
