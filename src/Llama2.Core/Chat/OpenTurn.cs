namespace Llama2.Chat;

/// <summary>
/// A running turn. It ends when it is disposed. If the enumeration that it belongs to is abandoned without being disposed, it ends when the garbage
/// collector collects it.
/// </summary>
/// <param name="end">Ends the turn. It is called once; if the enumeration was abandoned, on the finalizer's thread.</param>
internal sealed class OpenTurn(Action end) : IDisposable
{
    ~OpenTurn() => end();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        end();
    }
}
