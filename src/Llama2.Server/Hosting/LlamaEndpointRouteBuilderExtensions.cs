using Llama2.Extensions;
using Llama2.Server;
using Llama2.Server.Anthropic;
using Llama2.Server.Description;
using Llama2.Server.Endpoints;
using Llama2.Server.Hosting;
using Llama2.Server.LlamaCpp;
using Llama2.Server.Models;
using Llama2.Server.Monitoring;
using Llama2.Server.Page;
using Llama2.Server.Requests;
using Llama2.Server.Responses;
using Llama2.Server.Security;
using Llama2.Server.Writing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Adds OpenAI's and Anthropic's protocols to an ASP.NET Core application.</summary>
public static class LlamaEndpointRouteBuilderExtensions
{
    // The application's own endpoints take precedence over these, such as its health checks at the same address.
    private const int Order = 1;

    // Every route of the application takes precedence over errors outside /v1. Only its fallback, whose order is int.MaxValue, comes after them.
    private const int LastOrder = int.MaxValue - 1;

    /// <summary>
    /// Adds endpoints that speak OpenAI's protocol with the models that the application registered with <c>AddLlama</c>:
    /// <c>POST /v1/chat/completions</c>, <c>/v1/responses</c>, <c>/v1/completions</c> and <c>/v1/embeddings</c>, <c>GET /v1/models</c> and
    /// <c>/v1/models/{id}</c>; Anthropic's protocol: <c>POST /v1/messages</c> and <c>/v1/messages/count_tokens</c>; as llama.cpp answers them,
    /// <c>GET /health</c> and <c>/props</c>, <c>POST /infill</c>, <c>/tokenize</c> and <c>/detokenize</c>; for probes <c>GET /health/live</c> and
    /// <c>/health/ready</c>; for Prometheus <c>GET /metrics</c>; and a chat page at <c>/</c>. The field <c>model</c> of a request chooses a model by the name
    /// of its registration or of its file. A model is loaded by the first request for it, unless <c>WarmUpOnStart</c> was called. See docs/server.md.
    /// </summary>
    /// <param name="endpoints">The application, or a group of routes (<c>MapGroup</c>), whose prefix then comes before the addresses.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <remarks>If the application registered a router with <c>AddLlamaRouter</c>, the models are those of the router.</remarks>
    /// <returns>
    /// A builder for conventions of all these endpoints, such as <c>RequireAuthorization()</c>. Anyone who reaches the server may use them, unless the
    /// application requires API keys (<c>AddLlamaApiKeys</c>) or another authorization.
    /// </returns>
    /// <exception cref="InvalidOperationException">No model is registered.</exception>
    /// <exception cref="LlamaApiKeyException">The application called <c>AddLlamaApiKeys</c>, and the keys cannot be read or there are none.</exception>
    public static IEndpointConventionBuilder MapLlama(this IEndpointRouteBuilder endpoints, LlamaServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        IServiceProvider provider = endpoints.ServiceProvider;
        var services = new EndpointServices(FindModels(provider), options ?? new LlamaServerOptions(), provider);
        return Map(endpoints, services);
    }

    private static IModelCatalog FindModels(IServiceProvider provider) =>
        provider.GetService<LlamaRouter>() is { } router ? new RoutedModels(router, provider) : new RegisteredModels(provider);

    /// <summary>Adds the endpoints with other models than those of the application.</summary>
    internal static IEndpointConventionBuilder Map(IEndpointRouteBuilder endpoints, EndpointServices services)
    {
        RouteGroupBuilder group = endpoints.MapGroup("");
        var chat = new ChatCompletions(services);
        var completions = new Completions(services);
        var embeddings = new Embeddings(services);
        var tokens = new Tokens(services);
        var models = new ModelEndpoints(services);
        ErrorForm messageForm = new(AnthropicErrors.WriteAsync), sharedForm = new(ModelPages.WriteErrorAsync);
        var messages = new Messages(services);
        var pages = new ModelPages(services, models);
        var responses = new ResponseEndpoints(services);
        var infill = new Infill(services);
        var properties = new Properties(services);
        var map = new AddressMap(group, services);
        map.Post("/v1/chat/completions", services.Handle(ChatRequest.MessagesField, chat.HandleAsync));
        map.Post("/v1/completions", services.Handle(CompletionRequest.PromptName, completions.HandleAsync));
        map.Post("/v1/embeddings", services.Handle(EmbeddingRequest.InputName, embeddings.HandleAsync));
        map.Post("/v1/responses", services.Handle(ResponseInput.Name, responses.CreateAsync));
        map.Get(ResponseEndpoints.Address, services.Handle(ResponseEndpoints.IdName, responses.GetAsync));
        map.Add(ResponseEndpoints.Address, services.Handle(ResponseEndpoints.IdName, responses.DeleteAsync), [HttpMethods.Delete]);
        map.Get($"{ResponseEndpoints.Address}/input_items", services.Handle(ResponseEndpoints.IdName, responses.ListInputAsync));
        map.Post("/tokenize", services.Handle(Tokens.ContentName, tokens.EncodeAsync));
        map.Post("/detokenize", services.Handle(Tokens.TokensName, tokens.DecodeAsync));
        map.Post("/infill", services.Handle(InfillRequest.PrefixName, infill.HandleAsync));
        map.Get("/props", services.Handle("model", properties.HandleAsync));
        map.Post("/v1/messages", services.Handle(ChatRequest.MessagesField, messages.CreateAsync), messageForm);
        map.Post("/v1/messages/count_tokens", services.Handle(ChatRequest.MessagesField, messages.CountAsync), messageForm);
        map.Get("/v1/models", services.Handle("model", pages.ListAsync), sharedForm);
        map.Get("/v1/models/{**id}", services.Handle("model", pages.FindAsync), sharedForm);
        map.Get("/health/live", ModelEndpoints.ReportLifeAsync, OpenEndpoint.Instance);
        map.Get("/health/ready", services.Handle("model", models.ReportHealthAsync), OpenEndpoint.Instance);
        map.Get("/health", services.Handle("model", models.ReportHealthAsync), OpenEndpoint.Instance);
        map.Get("/v1/health", services.Handle("model", models.ReportHealthAsync), OpenEndpoint.Instance);
        if (services.Options.ServeMetrics)
            map.Get("/metrics", MetricsEndpoint.Start(endpoints.ServiceProvider, services).HandleAsync, services.Options.RequireApiKeyForMetrics ? [] : [OpenEndpoint.Instance]);
        if (services.Options.ServePage)
            MapPage(map, new PageEndpoints(services.Options));
        map.Get(ApiDescription.Path, new ApiDescription().HandleAsync);
        map.RefuseOtherMethods();
        // Addresses of Anthropic's protocol that the server does not have, such as batches.
        foreach (string address in (string[])["/v1/messages/{**rest}", "/v1/v1/messages/{**rest}"])
            group.Map(address, services.Handle("model", OtherAddresses.RefuseAsync)).WithMetadata(messageForm);
        group.Map("/v1/{**rest}", services.Handle("model", OtherAddresses.RefuseAsync));
        // These names are not ids of responses.
        foreach (string address in (string[])["/v1/responses/input_tokens", "/v1/responses/compact"])
            group.Map(address, services.Handle("model", OtherAddresses.RefuseAsync));
        // Only POST, which clients send: a page of the application may have such an address.
        foreach (string address in OtherAddresses.WithoutVersion)
            group.MapPost(address, services.Handle("model", OtherAddresses.RefuseAsync)).WithOrder(LastOrder);
        // The guard comes before everything that the endpoints' own conventions add.
        ((IEndpointConventionBuilder)group).Finally(services.Guard.Protect);
        return group.WithOrder(Order);
    }

    private static void MapPage(AddressMap map, PageEndpoints page)
    {
        map.Get("/", page.ShowAsync, OpenEndpoint.Instance);
        map.Get("/page/{file}", page.SendFileAsync, OpenEndpoint.Instance);
    }
}
