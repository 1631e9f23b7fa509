using System.Reflection;
using Llama2.Server.Endpoints;
using Llama2.Server.Models;
using Llama2.Server.Requests;
using Llama2.Server.Writing;

namespace Llama2.Server.LlamaCpp;

/// <summary>llama.cpp's <c>GET /props</c>.</summary>
internal sealed class Properties(EndpointServices services)
{
    private static readonly string s_version =
        $"llama2 {typeof(Properties).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown"}";

    public async Task HandleAsync(HttpContext context, CancellationToken cancellationToken)
    {
        string? name = RequestQuery.Find(context, "model") is { Length: > 0 } given ? given : null;
        using ModelLease lease = await services.Models.RentAsync(name, cancellationToken).ConfigureAwait(false);
        ILlamaModel model = lease.Model.Model;
        ModelTokenizer tokenizer = model.Tokenizer;
        var properties = new ServerProperties(
            new DefaultSettings(model.ContextLength, SamplingSettings.Of(services.Options.Generation)),
            CountSlots(model), lease.Model.Id, Path.GetFileName(model.Path) ?? "", new ModelModalities(), model.ChatTemplate ?? "",
            Spell(tokenizer, tokenizer.BeginOfSequenceId), Spell(tokenizer, tokenizer.EndOfSequenceId), s_version);
        await JsonAnswer.WriteAsync(context.Response, properties, LlamaCppJson.Default.ServerProperties).ConfigureAwait(false);
    }

    // The library has no slots. The memory for keys and values limits how many texts are computed at the same time.
    private static int CountSlots(ILlamaModel model)
    {
        if (model is not LlamaModel loaded || model.ContextLength < 2)
            return 1;
        long contextByteSize = loaded.GetDecodeByteSize(model.ContextLength) - loaded.GetDecodeByteSize(1);
        return (int)Math.Clamp(model.Statistics.KeyValueCacheByteSize / Math.Max(1, contextByteSize), 1, int.MaxValue);
    }

    private static string Spell(ModelTokenizer tokenizer, int token) => token >= 0 ? tokenizer.GetTokenText(token) : "";
}
