using Llama2.Server.Errors;
using Llama2.Server.Models;

namespace Llama2.Server.LlamaCpp;

/// <summary>Makes the prompt of <c>POST /infill</c>.</summary>
internal static class InfillPrompt
{
    // What llama.cpp puts before each text of another file, for models without a token for it.
    private const string Separator = "\n\n--- snippet ---\n\n";

    /// <summary>
    /// The tokens: the begin-of-sequence token, the texts of other files, and the prefix and the suffix with their tokens. Of the texts of other files, only as many
    /// tokens are used as the context has room for, those nearest to the prefix; without a limit of tokens, a quarter of the context is kept for the gap.
    /// </summary>
    /// <exception cref="RequestException">The model cannot fill a gap.</exception>
    public static int[] Encode(InfillRequest request, ServedModel model)
    {
        ModelTokenizer tokenizer = model.Model.Tokenizer;
        if (tokenizer.InfillTokens is null)
            throw RequestException.Invalid("model", $"The model '{model.Id}' cannot fill a gap: its vocabulary has no tokens for the texts before and after it.", "unsupported_value");
        int[] prompt = tokenizer.EncodeInfill(request.Prefix, request.Suffix);
        List<int> extra = [];
        foreach (string text in request.Extra)
        {
            tokenizer.Encode(Separator, extra, addDummyPrefix: false);
            tokenizer.Encode(text, extra, addDummyPrefix: false);
        }

        long gap = request.Generation.MaxTokens ?? model.Model.ContextLength / 4, room = model.Model.ContextLength - prompt.Length - gap - 1;
        int count = (int)Math.Clamp(room, 0, extra.Count), start = tokenizer.AddsBeginOfSequence ? 1 : 0;
        return [.. prompt[..start], .. extra[^count..], .. prompt[start..]];
    }
}
