using System.Text;
using System.Text.Json;
using Llama2.Server.Answers;
using Llama2.Server.Models;
using Llama2.Server.Protocol;
using Llama2.Server.Requests;
using Llama2.Server.Writing;

namespace Llama2.Server.Endpoints;

/// <summary>llama.cpp's <c>POST /tokenize</c> and <c>POST /detokenize</c>.</summary>
internal sealed class Tokens(EndpointServices services)
{
    /// <summary>The field with the text.</summary>
    public const string ContentName = "content";

    /// <summary>The field with the tokens.</summary>
    public const string TokensName = "tokens";

    public async Task EncodeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        string? name = body.Take("model")?.Text();
        string text = body.Require(ContentName).Text(0, ModelTokenizer.MaxTextLength);
        bool addsSpecial = body.Take("add_special")?.Flag() ?? false, parsesSpecial = body.Take("parse_special")?.Flag() ?? true;
        bool hasPieces = body.Take("with_pieces")?.Flag() ?? false;
        body.End();

        using ModelLease lease = await services.Models.RentAsync(name, cancellationToken).ConfigureAwait(false);
        ModelTokenizer tokenizer = lease.Model.Model.Tokenizer;
        int[] tokens = parsesSpecial ? tokenizer.EncodeWithControlTokens(text) : tokenizer.Encode(text, addBeginOfSequence: false);
        if (addsSpecial && tokenizer.AddsBeginOfSequence)
            tokens = [tokenizer.BeginOfSequenceId, .. tokens];
        if (hasPieces)
            await JsonAnswer.WriteAsync(context.Response, ToPieces(tokens, tokenizer), ProtocolJson.Default.TokenPieceList).ConfigureAwait(false);
        else
            await JsonAnswer.WriteAsync(context.Response, new TokenList(tokens), ProtocolJson.Default.TokenList).ConfigureAwait(false);
    }

    public async Task DecodeAsync(HttpContext context, CancellationToken cancellationToken)
    {
        RequestObject body = await RequestBody.ReadAsync(context.Request, services.Options.MaxBodyByteSize, cancellationToken).ConfigureAwait(false);
        string? name = body.Take("model")?.Text();
        RequestValue tokens = body.Require(TokensName);
        body.End();
        using ModelLease lease = await services.Models.RentAsync(name, cancellationToken).ConfigureAwait(false);
        ModelTokenizer tokenizer = lease.Model.Model.Tokenizer;
        string text = tokenizer.Decode(tokens.Integers(0, tokenizer.VocabularySize - 1));
        await JsonAnswer.WriteAsync(context.Response, new DetokenizeAnswer(text), ProtocolJson.Default.DetokenizeAnswer).ConfigureAwait(false);
    }

    // A token that is not text when decoded alone, such as a byte of a character, is a list of its bytes.
    private static TokenPieceList ToPieces(int[] tokens, ModelTokenizer tokenizer)
    {
        var texts = new TokenTexts(tokenizer);
        return new TokenPieceList(Array.ConvertAll(tokens, token =>
        {
            (string text, int[] bytes) = texts.Of(token);
            bool isText = bytes is not [>= 0x80];
            return new TokenPiece(token, isText ? Quote(text) : JsonElement.Parse($"[{bytes[0]}]"));
        }));
    }

    private static JsonElement Quote(string text) => JsonElement.Parse(Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(text)}\""));
}
