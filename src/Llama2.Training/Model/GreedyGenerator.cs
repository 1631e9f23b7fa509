namespace Llama2.Training.Model;

/// <summary>
/// Continues prompts with the most probable tokens. Training has no cache of keys and values, so each token is computed by a pass over the whole text; several
/// prompts are packed into a pass. This is enough for short texts that show what was learned.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="batch">The batch, which is overwritten.</param>
/// <param name="isEnd">Whether a token ends a text.</param>
internal sealed class GreedyGenerator(TrainingModel model, TokenBatch batch, Func<int, bool> isEnd)
{
    /// <param name="prompts">The prompts; each takes at most as many tokens as the batch, less <paramref name="maxTokenCount"/>.</param>
    /// <param name="maxTokenCount">The maximum number of tokens of a text.</param>
    /// <param name="cancellationToken">Ends the generation before the next token.</param>
    /// <returns>The tokens of each text, without the token that ends it.</returns>
    public int[][] Generate(IReadOnlyList<int[]> prompts, int maxTokenCount, CancellationToken cancellationToken)
    {
        List<int>[] texts = [.. prompts.Select(prompt => new List<int>(prompt))];
        for (int first = 0; first < texts.Length;)
        {
            int end = first, tokenCount = 0;
            while (end < texts.Length && tokenCount + texts[end].Count + maxTokenCount <= batch.Capacity)
            {
                tokenCount += texts[end++].Count + maxTokenCount;
            }

            Continue(texts[first..end], maxTokenCount, cancellationToken);
            first = end;
        }

        return [.. texts.Select((text, i) => text.Skip(prompts[i].Length).ToArray())];
    }

    private void Continue(IReadOnlyList<List<int>> texts, int maxTokenCount, CancellationToken cancellationToken)
    {
        List<List<int>> running = [.. texts];
        for (int i = 0; i < maxTokenCount && running.Count > 0; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] next = Predict(running);
            for (int text = running.Count - 1; text >= 0; text--)
            {
                if (isEnd(next[text]))
                {
                    running.RemoveAt(text);
                }
                else
                {
                    running[text].Add(next[text]);
                }
            }
        }
    }

    // The next token of each text. A sample ends with a token that is only predicted; here it may be any token, because its probability is not used.
    private int[] Predict(List<List<int>> texts)
    {
        batch.Clear();
        foreach (List<int> text in texts)
        {
            float[] weights = new float[text.Count + 1];
            weights[^1] = 1;
            batch.TryAdd([.. text, 0], weights);
        }

        int[] tokens = new int[texts.Count];
        model.Forward(batch);
        model.PredictNext(batch, tokens);
        return tokens;
    }
}
