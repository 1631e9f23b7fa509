using System.Net;
using Llama2.Cli.Terminal;
using Llama2.Extensions;
using Llama2.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Llama2.Cli.Serving;

/// <summary>Builds the web application of <c>llama2 serve</c>.</summary>
/// <param name="settings">What the options say.</param>
/// <param name="host">The streams of the command.</param>
internal sealed class ServerApplication(ServerSettings settings, ConsoleHost host)
{
    // The time that the host waits for requests after the time in which they should have ended.
    private static readonly TimeSpan s_margin = TimeSpan.FromSeconds(5);

    /// <summary>The progress of the models that are loaded at the start.</summary>
    public LoadProgress Progress { get; } = new(settings.LoadedCount);

    /// <summary>The requests that are being answered.</summary>
    public RunningRequests Running { get; } = new();

    /// <summary>The log.</summary>
    public StandardErrorLog Log { get; } = new(host, TimeProvider.System);

    /// <summary>The time after which the server has stopped in any case.</summary>
    public static TimeSpan StopTimeout(ServerSettings settings) => settings.Endpoints.ShutdownGrace + s_margin;

    public WebApplication Build()
    {
        // Without files and environment variables of ASP.NET: an appsettings.json in the current folder must not open other addresses.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "llama2", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Listen(settings.Address, settings.Port);
        });
        AddLog(builder.Logging);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.Services.Configure<HostOptions>(options =>
        {
            options.ShutdownTimeout = StopTimeout(settings);
            // A model that cannot be loaded at the start ends the command, which reports it.
            options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.Ignore;
        });
        AddModels(builder.Services);
        AddProtection(builder.Services);
        WebApplication application = builder.Build();
        application.Use(Running.PassAsync);
        if (!settings.IsPublic)
            application.UseHostFiltering();
        application.MapLlama(settings.Endpoints);
        return application;
    }

    private void AddLog(ILoggingBuilder logging)
    {
        logging.AddProvider(Log);
        logging.SetMinimumLevel(settings.LogLevel);
        // The host's messages about a failed start, which the command reports itself.
        logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        // At the level of information, ASP.NET writes several lines for each request.
        if (settings.LogLevel >= LogLevel.Information)
            logging.AddFilter("Microsoft", LogLevel.Warning);
    }

    private void AddModels(IServiceCollection services)
    {
        services.AddLlamaModelStore(host.StoreOptions);
        // The models share the threads, as they share the processor.
        if (settings.Loading.ThreadCount is { } count)
            services.AddSingleton(_ => new LlamaRuntime(new LlamaRuntimeOptions { ThreadCount = count }));
        services.AddLlamaRouter(Configure);
        for (int i = 0; i < settings.LoadedCount; i++)
            services.AddKeyedSingleton(settings.Models[i].Model.Name, Progress.Of(i));
    }

    private void Configure(LlamaRouterOptions router)
    {
        foreach ((NamedModel model, string path) in settings.Models)
            router.Models.Add(model.Name, OptionsOf(path));
        foreach ((NamedModel model, _) in settings.Models.Take(settings.LoadedCount))
            router.LoadOnStart.Add(model.Name);
        foreach ((string alias, string name) in settings.Aliases)
            router.Aliases.Add(alias, name);
        router.DefaultModel = settings.Models[0].Model.Name;
        router.MemoryByteSize = settings.MemoryByteSize;
        router.ContextCount = settings.ContextCount;
        router.IdleTime = settings.IdleTime;
    }

    private LlamaOptions OptionsOf(string path)
    {
        var options = new LlamaOptions
        {
            ModelPath = path,
            ContextLength = settings.Loading.ContextLength,
            RopeScaling = settings.Loading.RopeScaling,
            KeyValueCacheType = settings.Loading.KeyValueCacheType,
            MaxWaitingCount = settings.Loading.MaxWaitingCount,
            PanelFile = settings.Loading.PanelFile,
            PanelFolder = settings.Loading.PanelFolder,
            VerifyPanelFile = settings.Loading.VerifyPanelFile,
            DraftModel = settings.Loading.DraftModel,
            MaxDraftLength = settings.Loading.Speculation.MaxDraftLength,
        };
        foreach ((string name, (string adapterPath, float scale)) in AdapterNames.Of([.. settings.Adapters.Select(adapter => adapter.Path)]).Zip(settings.Adapters))
            options.Adapters.Add(name, new LlamaAdapterOptions { Path = adapterPath, Scale = scale });
        return options;
    }

    // A web page whose name is made to resolve to this machine could otherwise use the server through the browser of its visitor (DNS rebinding). A server
    // that other machines reach has names that are not known here.
    private void AddProtection(IServiceCollection services)
    {
        string own = new IPEndPoint(settings.Address, 0).ToString()[..^2];
        services.AddLlamaLoopbackHostFiltering([$"http://{own}"], [own]);
        services.AddLlamaConnectionLimits();
        if (settings.HasKeys)
            services.AddLlamaApiKeys(new LlamaApiKeyOptions { Path = settings.KeysPath });
    }
}
