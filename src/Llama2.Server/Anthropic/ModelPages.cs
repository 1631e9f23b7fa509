using Llama2.Server.Endpoints;
using Llama2.Server.Errors;
using Llama2.Server.Protocol;
using Llama2.Server.Writing;

namespace Llama2.Server.Anthropic;

/// <summary>
/// <c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>, whose addresses two protocols share: requests with the header <c>anthropic-version</c> get Anthropic's
/// form, and all others OpenAI's.
/// </summary>
/// <param name="services">What all endpoints need.</param>
/// <param name="models">Answers in OpenAI's form.</param>
internal sealed class ModelPages(EndpointServices services, ModelEndpoints models)
{
    public Task ListAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!IsAnthropic(context))
            return models.ListAsync(context, cancellationToken);
        RequestId.Of(context);
        AnthropicModel[] all = [.. services.Models.Entries.Select(ToModel)];
        return JsonAnswer.WriteAsync(context.Response, new AnthropicModelList(all, all.FirstOrDefault()?.Id, all.LastOrDefault()?.Id), AnthropicJson.Default.AnthropicModelList);
    }

    public Task FindAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!IsAnthropic(context))
            return models.FindAsync(context, cancellationToken);
        RequestId.Of(context);
        return JsonAnswer.WriteAsync(context.Response, ToModel(models.Find(context)), AnthropicJson.Default.AnthropicModel);
    }

    /// <summary>Writes an error in the form of the protocol that the request speaks.</summary>
    public static Task WriteErrorAsync(HttpContext context, Failure failure) =>
        IsAnthropic(context) ? AnthropicErrors.WriteAsync(context, failure) : JsonAnswer.WriteAsync(context.Response, failure);

    private static bool IsAnthropic(HttpContext context) => context.Request.Headers.ContainsKey("anthropic-version");

    private static AnthropicModel ToModel(ModelEntry entry) => new(entry.Id, entry.Id, DateTimeOffset.FromUnixTimeSeconds(entry.Created));
}
