namespace Llama2.Chat;

/// <summary>
/// A running turn. The turn ends when this object is disposed. If the enumeration that the turn belongs to is abandoned without being disposed, the
/// turn ends when the garbage collector collects this object.
/// </summary>
/// <param name="end">Ends the turn. Called once; if the enumeration was abandoned, it is called on the finalizer's thread.</param>
internal sealed class OpenTurn(Action end) : IDisposable
{
    ~OpenTurn() => end();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        end();
    }
}
