using System.Text;

namespace Llama2.Training.Tests.Datasets;

/// <summary>The text of a sample, in which the learned parts are between ⟦ and ⟧, as <c>llama2 train --preview</c> shows it.</summary>
internal static class LearnedText
{
    public static string Of(TrainingSample sample, ModelTokenizer tokenizer)
    {
        ReadOnlySpan<int> tokens = sample.Tokens.Span;
        ReadOnlySpan<bool> mask = sample.LossMask.Span;
        var text = new StringBuilder();
        for (int start = 0, end; start < tokens.Length; start = end)
        {
            end = start + 1;
            while (end < tokens.Length && mask[end] == mask[start])
                end++;
            string part = Spell(tokens[start..end], tokenizer);
            text.Append(mask[start] ? $"⟦{part}⟧" : part);
        }

        return text.ToString();
    }

    /// <summary>All samples, or the chosen and rejected answers of all pairs, each on a line of its own.</summary>
    public static string Of(TrainingDataset data, ModelTokenizer tokenizer) => string.Join(
        '\n', data.Samples.Concat(data.Pairs.SelectMany(pair => (TrainingSample[])[pair.Chosen, pair.Rejected])).Select(sample => Of(sample, tokenizer)));

    private static string Spell(ReadOnlySpan<int> tokens, ModelTokenizer tokenizer)
    {
        var text = new StringBuilder();
        StreamingDecoder decoder = tokenizer.CreateStreamingDecoder(keepLeadingSpace: true);
        foreach (int token in tokens)
            text.Append(tokenizer.IsControl(token) ? decoder.Flush() + tokenizer.GetTokenText(token) : decoder.Append(token));
        return text.Append(decoder.Flush()).ToString();
    }
}
