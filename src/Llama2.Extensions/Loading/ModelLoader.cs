using System.Diagnostics;
using Llama2.Extensions.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions.Loading;

/// <summary>Loads the model that the options name, and reports the result to the log, the metrics and the health check.</summary>
internal static partial class ModelLoader
{
    /// <summary>
    /// The container calls this method while it holds the lock of the singleton, so that only one thread loads the model. If loading fails, the exception is
    /// thrown, and the next caller tries again. If the host stops meanwhile, loading is cancelled.
    /// </summary>
    public static ILlamaModel Load(IServiceProvider services, string name)
    {
        LlamaOptions options = services.GetRequiredService<IOptionsMonitor<LlamaOptions>>().Get(name);
        var status = services.GetRequiredKeyedService<ModelStatus>(name);
        CancellationToken stopping = Stopping(services);
        try
        {
            LlamaModel model = LoadFile(services, name, options, options.ToModelOptions(), stopping);
            status.SetLoaded();
            return model;
        }
        catch (Exception exception) when (!stopping.IsCancellationRequested)
        {
            status.SetFault(exception);
            throw;
        }
    }

    /// <summary>Loads the file that options name, and reports the result to the log and the metrics.</summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The model's name in metrics; empty for the name that its file states.</param>
    /// <param name="options">The model's options.</param>
    /// <param name="modelOptions">How the model is loaded.</param>
    /// <param name="cancellationToken">Cancels the loading.</param>
    public static LlamaModel LoadFile(IServiceProvider services, string name, LlamaOptions options, LlamaModelOptions modelOptions, CancellationToken cancellationToken)
    {
        ILogger logger = CreateLogger(services);
        var metrics = services.GetRequiredService<LlamaMetrics>();
        TimeProvider timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;
        using Activity? activity = LlamaMetrics.StartLoad(options.ModelPath);
        try
        {
            ModelFile file = ModelFile.Require(options.ModelPath, services);
            LogLoading(logger, options.ModelPath, file.ByteSize);
            long start = timeProvider.GetTimestamp();
            if (modelOptions.ThreadCount is null)
            {
                modelOptions = modelOptions with { Runtime = services.GetService<LlamaRuntime>() };
            }

            if (modelOptions.DraftModel is { } draft)
            {
                ModelFile draftFile = ModelFile.Require(draft, services);
                draftFile.MarkUsed(services);
                modelOptions = modelOptions with { DraftModel = draftFile.Path, OnDraftModelFault = fault => LogDraftModelFault(logger, Unexplained(fault), draft, options.ModelPath, fault.Message) };
            }

            LlamaModel model = LlamaModel.Load(file.Path, modelOptions, services.GetKeyedService<IProgress<ByteProgress>>(name), cancellationToken);
            TimeSpan time = timeProvider.GetElapsedTime(start);
            metrics.RecordLoad(ModelNames.All(name, model)[0], model, time);
            file.MarkUsed(services);
            KernelTier tier = modelOptions.KernelTier ?? LlamaHardware.KernelTier;
            LogLoaded(logger, options.ModelPath, file.ByteSize, time.TotalSeconds, tier);
            ReportPanelFile(logger, options.ModelPath, model.PanelFile);
            if (PortableKernels.FindRemedy(tier) is { } remedy)
            {
                LogPortable(logger, options.ModelPath, remedy);
            }

            return model;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            LogFailed(logger, Unexplained(exception), options.ModelPath, exception.Message);
            throw;
        }
    }

    /// <summary>
    /// The model with the given name. If it is not loaded yet, it is loaded first, with its adapters. A model that the application registered itself
    /// is returned unchanged.
    /// </summary>
    public static ILlamaModel Resolve(IServiceProvider services, string name)
    {
        var model = services.GetRequiredKeyedService<ILlamaModel>(name);
        services.GetRequiredKeyedService<ModelAdapters>(name);
        services.GetRequiredKeyedService<ModelStatus>(name).SetLoaded();
        return model;
    }

    /// <summary>Logs why a model cannot be loaded, if this is known before <see cref="LoadFile"/> is called.</summary>
    public static void ReportFailure(IServiceProvider services, LlamaOptions options, Exception exception) =>
        LogFailed(CreateLogger(services), Unexplained(exception), options.ModelPath, exception.Message);

    /// <summary>A token that is cancelled when the host stops; without a host, it is never cancelled.</summary>
    public static CancellationToken Stopping(IServiceProvider services) => services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;

    public static ILogger CreateLogger(IServiceProvider services) =>
        services.GetService<ILoggerFactory>()?.CreateLogger(LlamaTelemetry.Name) ?? NullLogger.Instance;

    /// <summary>
    /// The exception to log together with its message. Null if the message explains the failure: each request tries to load the model again, and
    /// would log the same stack trace again. The exception is logged if it may be caused by an error in the program, because then the stack trace is
    /// needed.
    /// </summary>
    public static Exception? Unexplained(Exception exception) =>
        exception is LlamaException or IOException or UnauthorizedAccessException or OptionsValidationException ? null : exception;

    private static void ReportPanelFile(ILogger logger, string modelPath, PanelFileStatus? status)
    {
        if (status is { IsCreated: true })
        {
            LogPanelFileCreated(logger, modelPath, status.Path);
        }

        if (status is { Problem: { } problem })
        {
            LogPanelFileProblem(logger, modelPath, problem);
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Loading model '{ModelPath}', {ByteSize} bytes")]
    private static partial void LogLoading(ILogger logger, string modelPath, long byteSize);

    [LoggerMessage(2, LogLevel.Information, "Loaded model '{ModelPath}', {ByteSize} bytes, in {Seconds:F3} seconds; its kernels are {KernelTier}")]
    private static partial void LogLoaded(ILogger logger, string modelPath, long byteSize, double seconds, KernelTier kernelTier);

    [LoggerMessage(3, LogLevel.Error, "Model '{ModelPath}' could not be loaded: {Reason}")]
    private static partial void LogFailed(ILogger logger, Exception? exception, string modelPath, string reason);

    [LoggerMessage(7, LogLevel.Warning, "Model '{ModelPath}' runs on portable kernels, which process prompts several times slower than the other kernels. {Remedy}")]
    private static partial void LogPortable(ILogger logger, string modelPath, string remedy);

    [LoggerMessage(11, LogLevel.Information, "Wrote the panel file '{Path}' of model '{ModelPath}'")]
    private static partial void LogPanelFileCreated(ILogger logger, string modelPath, string path);

    [LoggerMessage(12, LogLevel.Warning, "The weights of model '{ModelPath}' are not taken from a panel file. {Reason}")]
    private static partial void LogPanelFileProblem(ILogger logger, string modelPath, string reason);

    [LoggerMessage(14, LogLevel.Warning, "The draft model '{DraftModel}' of model '{ModelPath}' failed, and the generations go on without its guesses; further failures are not logged. {Reason}")]
    private static partial void LogDraftModelFault(ILogger logger, Exception? exception, string draftModel, string modelPath, string reason);
}
