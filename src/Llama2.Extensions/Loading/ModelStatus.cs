namespace Llama2.Extensions.Loading;

/// <summary>How far a model is, for its health. Thread-safe.</summary>
internal sealed class ModelStatus
{
    private volatile bool _isLoaded;
    private volatile bool _isWarm;
    private volatile Exception? _fault;

    public bool IsLoaded => _isLoaded;

    public bool IsWarm => _isWarm;

    /// <summary>Why the model could last not be loaded or warmed up; null where it could.</summary>
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
