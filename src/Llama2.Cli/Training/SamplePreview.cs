using System.Globalization;
using System.Text;
using Llama2.Cli.Output;
using Llama2.Cli.Terminal;
using Llama2.Training;
using static System.FormattableString;

namespace Llama2.Cli.Training;

/// <summary>Shows which text of a sample a model would learn. On a terminal the learned text has a colour; elsewhere it is between ⟦ and ⟧.</summary>
internal static class SamplePreview
{
    private const string Green = "\e[32m", Dim = "\e[2m", Reset = "\e[0m";

    /// <summary>Shows the first samples, or pairs.</summary>
    /// <param name="data">The data.</param>
    /// <param name="count">The maximum number of samples or pairs to show.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="host">The console for the output.</param>
    public static void WriteFirst(TrainingDataset data, int count, ModelTokenizer tokenizer, ConsoleHost host)
    {
        for (int i = 0; i < Math.Min(count, data.Samples.Count); i++)
        {
            string rating = data.Samples[i].IsDesirable switch { true => ", desirable", false => ", undesirable", null => "" };
            Write(data.Samples[i], Invariant($"sample {i + 1:N0} of {data.Samples.Count:N0}{rating}"), tokenizer, host);
        }

        for (int i = 0; i < Math.Min(count, data.Pairs.Count); i++)
        {
            Write(data.Pairs[i].Chosen, Invariant($"pair {i + 1:N0} of {data.Pairs.Count:N0}, chosen"), tokenizer, host);
            Write(data.Pairs[i].Rejected, Invariant($"pair {i + 1:N0} of {data.Pairs.Count:N0}, rejected"), tokenizer, host);
        }
    }

    public static void Write(TrainingSample sample, string title, ModelTokenizer tokenizer, ConsoleHost host)
    {
        bool isColored = host.IsOutputTerminal && host.UsesColor;
        ReadOnlySpan<int> tokens = sample.Tokens.Span;
        ReadOnlySpan<bool> mask = sample.LossMask.Span;
        var text = new StringBuilder();
        for (int start = 0; start < tokens.Length;)
        {
            int end = start + 1;
            while (end < tokens.Length && mask[end] == mask[start])
                end++;
            string part = PrintableText.Lines(Spell(tokens[start..end], tokenizer));
            text.Append(mask[start]
                ? isColored ? $"{Green}{part}{Reset}" : $"⟦{part}⟧"
                : isColored ? $"{Dim}{part}{Reset}" : part);
            start = end;
        }

        host.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"-- {title}: {tokens.Length:N0} tokens, {mask[1..].Count(true):N0} learned"));
        host.Output.WriteLine(text.ToString());
    }

    // Control tokens are shown by their names. Decoding normally removes a space at the beginning of a text; here it is kept, because the tokens
    // continue the text before them.
    private static string Spell(ReadOnlySpan<int> tokens, ModelTokenizer tokenizer)
    {
        var text = new StringBuilder();
        StreamingDecoder decoder = tokenizer.CreateStreamingDecoder(keepLeadingSpace: true);
        foreach (int token in tokens)
            text.Append(tokenizer.IsControl(token) ? decoder.Flush() + tokenizer.GetTokenText(token) : decoder.Append(token));
        return text.Append(decoder.Flush()).ToString();
    }
}
