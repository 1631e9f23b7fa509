using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Llama2.Extensions;

/// <summary>Loads the model that the options name, and logs what it took.</summary>
internal static partial class ModelLoader
{
    /// <summary>The name under which messages are logged.</summary>
    public const string LogCategory = "Llama2";

    /// <summary>Called once by the container, which guards a singleton's factory with a lock. A failure is thrown, and tried again by the next caller.</summary>
    public static ILlamaModel Load(IServiceProvider services)
    {
        LlamaOptions options = services.GetRequiredService<IOptions<LlamaOptions>>().Value;
        ILogger logger = services.GetService<ILoggerFactory>()?.CreateLogger(LogCategory) ?? NullLogger.Instance;
        TimeProvider timeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System;

        long byteSize = new FileInfo(options.ModelPath).Length;
        LogLoading(logger, options.ModelPath, byteSize);
        long start = timeProvider.GetTimestamp();
        LlamaModel model = LlamaModel.Load(options.ModelPath, options.Model);
        LogLoaded(logger, options.ModelPath, byteSize, timeProvider.GetElapsedTime(start).TotalSeconds);
        return model;
    }

    [LoggerMessage(1, LogLevel.Information, "Loading model '{ModelPath}', {ByteSize} bytes")]
    private static partial void LogLoading(ILogger logger, string modelPath, long byteSize);

    [LoggerMessage(2, LogLevel.Information, "Loaded model '{ModelPath}', {ByteSize} bytes, in {Seconds:F3} seconds")]
    private static partial void LogLoaded(ILogger logger, string modelPath, long byteSize, double seconds);
}
