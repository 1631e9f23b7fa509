namespace Llama2.Server.Accounting;

/// <summary>
/// Is notified at the end of each request. Implementations are singletons among the application's services. They must be thread-safe, and must not block or
/// throw.
/// </summary>
internal interface IRequestObserver
{
    /// <summary>Called once for each request, after its answer is complete or was cut off. All values of the record are final.</summary>
    void OnEnded(RequestRecord record);
}
