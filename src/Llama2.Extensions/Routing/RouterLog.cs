using Microsoft.Extensions.Logging;

namespace Llama2.Extensions.Routing;

/// <summary>The entries of the log about models that a router unloads.</summary>
internal static partial class RouterLog
{
    [LoggerMessage(8, LogLevel.Information, "Unloaded model '{Name}', which had no request for {IdleTime}")]
    public static partial void LogIdle(ILogger logger, string name, TimeSpan idleTime);

    [LoggerMessage(9, LogLevel.Information, "Unloaded model '{Name}' to make room for '{Other}'")]
    public static partial void LogRoom(ILogger logger, string name, string other);

    [LoggerMessage(10, LogLevel.Information, "Unloaded model '{Name}', at the request of the application")]
    public static partial void LogAsked(ILogger logger, string name);
}
