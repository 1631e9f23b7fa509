namespace Llama2.Extensions.Loading;

/// <summary>The state of a model, which its health check reports. Thread-safe.</summary>
internal sealed class ModelStatus
{
    private volatile bool _isLoaded;
    private volatile bool _isWarm;
    private volatile Exception? _fault;

    public bool IsLoaded => _isLoaded;

    public bool IsWarm => _isWarm;

    /// <summary>The exception of the last attempt to load the model or warm it up; null if that attempt succeeded or there was none.</summary>
    public Exception? Fault => _fault;

    public void SetLoaded()
    {
        _isLoaded = true;
        _fault = null;
    }

    public void SetWarm()
    {
        SetLoaded();
        _isWarm = true;
    }

    public void SetFault(Exception fault) => _fault = fault;
}
