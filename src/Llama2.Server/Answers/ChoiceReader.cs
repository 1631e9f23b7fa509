using System.Runtime.CompilerServices;
using Llama2.Extensions;
using Llama2.Server.Models;
using Llama2.Server.Requests;
using Microsoft.Extensions.AI;

namespace Llama2.Server.Answers;

/// <summary>Generates the choices of a chat, part by part.</summary>
/// <param name="request">The request.</param>
/// <param name="model">The model.</param>
/// <param name="client">The model's client.</param>
/// <param name="prefixScope">The scope in which keys and values are reused; null for the scope in the model's options.</param>
internal sealed class ChoiceReader(ChatRequest request, ServedModel model, LlamaChatClient client, string? prefixScope)
{
    /// <summary>Generates a choice.</summary>
    /// <param name="index">The choice's index.</param>
    /// <param name="cancellationToken">Ends the generation.</param>
    public async IAsyncEnumerable<ChoicePart> ReadAsync(int index, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var texts = new TokenTexts(model.Model.Tokenizer);
        int callCount = 0;
        bool hasBegun = false;
        await using IAsyncEnumerator<ChatResponseUpdate> updates =
            client.GetStreamingResponseAsync(request.Messages, OptionsOf(index), cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    yield break;
            }
            catch (OutputConstraintException exception)
            {
                throw ConstraintFault.Of(request, exception, hasBegun);
            }

            hasBegun = true;
            ChoicePart part = ChoicePart.Read(updates.Current, callCount, texts);
            callCount += part.Calls?.Length ?? 0;
            yield return part;
        }
    }

    // With the same seed, all choices would be the same.
    private ChatOptions OptionsOf(int index)
    {
        GenerationOptions generation = request.Generation with
        {
            PrefixScope = prefixScope,
            Seed = request.Generation.Seed is { } seed ? unchecked(seed + (ulong)index) : null,
        };
        ChatOptions options = request.Options.Clone();
        options.RawRepresentationFactory = _ => generation;
        return options;
    }
}
