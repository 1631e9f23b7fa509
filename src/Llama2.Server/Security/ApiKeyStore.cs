using Microsoft.Extensions.Logging;

namespace Llama2.Server.Security;

/// <summary>The server's keys. A changed file is read again. Thread-safe.</summary>
internal sealed partial class ApiKeyStore
{
    // A revoked key is refused after this time at the latest. A check for changes costs one system call.
    private static readonly TimeSpan s_checkInterval = TimeSpan.FromSeconds(2);

    private readonly LlamaApiKeyOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly IReadOnlyList<ApiKeyEntry> _fixedEntries;
    private (DateTime Time, long Length) _stamp;
    private long _checkTime;
    private volatile ApiKeySet _keys;

    /// <exception cref="LlamaApiKeyException">A source cannot be read, or there are no keys.</exception>
    public ApiKeyStore(LlamaApiKeyOptions options, TimeProvider clock, ILogger logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _fixedEntries =
        [
            .. ApiKeySource.Read(options.Entries, nameof(options.Entries), allowsText: true),
            .. options.EnvironmentVariable is { } variable ? ApiKeySource.ReadVariable(variable) : [],
        ];
        _stamp = StampOf(options.Path);
        _checkTime = clock.GetTimestamp();
        _keys = Load();
    }

    /// <summary>The name of a key; null if the server does not have it.</summary>
    public string? FindName(string key)
    {
        Refresh();
        return _keys.FindName(key);
    }

    private static (DateTime Time, long Length) StampOf(string? path)
    {
        if (path is null)
            return default;
        var file = new FileInfo(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private void Refresh()
    {
        long checkTime = Interlocked.Read(ref _checkTime), now = _clock.GetTimestamp();
        // Of the requests that come at the same time, one checks for changes; the others use the current keys.
        if (_options.Path is null || _clock.GetElapsedTime(checkTime, now) < s_checkInterval || Interlocked.CompareExchange(ref _checkTime, now, checkTime) != checkTime)
            return;
        try
        {
            (DateTime, long) stamp = StampOf(_options.Path);
            if (stamp == _stamp)
                return;
            _keys = Load();
            _stamp = stamp;
            LogReload(_logger, _keys.Count);
        }
        catch (Exception exception) when (exception is LlamaApiKeyException or IOException or UnauthorizedAccessException)
        {
            // Refusing everybody would let one wrong line stop the service. The change is tried again at the next check.
            LogFailure(_logger, exception.Message);
        }
    }

    private ApiKeySet Load()
    {
        IReadOnlyList<ApiKeyEntry> read = [];
        if (_options.Path is { } path)
        {
            read = ApiKeySource.ReadFile(path);
            // Everyone who may write the file can add a key.
            const UnixFileMode Loose = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite;
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Loose) != 0)
                LogPermissions(_logger, path);
        }

        var keys = new ApiKeySet([.. read, .. _fixedEntries]);
        return keys.Count > 0
            ? keys
            : throw new LlamaApiKeyException(
                $"There are no API keys, so no request could be answered: add one to {_options.Path ?? "a file"} or to the environment variable "
                + $"{_options.EnvironmentVariable ?? LlamaApiKeyOptions.DefaultEnvironmentVariable}.");
    }

    [LoggerMessage(3, LogLevel.Information, "The API keys have been read again: there are {Count}")]
    private static partial void LogReload(ILogger logger, int count);

    [LoggerMessage(4, LogLevel.Error, "The changed API keys cannot be used, so the earlier ones remain valid: {Reason}")]
    private static partial void LogFailure(ILogger logger, string reason);

    [LoggerMessage(5, LogLevel.Warning, "The file of API keys '{Path}' can be read or written by other users of this machine; set its mode to 600")]
    private static partial void LogPermissions(ILogger logger, string path);
}
