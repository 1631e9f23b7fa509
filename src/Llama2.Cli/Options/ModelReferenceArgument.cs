using System.CommandLine;
using Llama2.Cli.Input;
using Llama2.Cli.Terminal;

namespace Llama2.Cli.Options;

/// <summary>Creates an argument for the name of a model on a hub. The model may, but need not, have been pulled.</summary>
internal static class ModelReferenceArgument
{
    public static Argument<string> Create(string name, string description)
    {
        Argument<string> argument = InputPath.Argument(name, description);
        argument.Validators.Add(result =>
        {
            // A text that begins with '-' is an unknown option. The parser reports it as such, which explains more than an error about a malformed
            // name.
            if (result.Tokens is not [{ Value: var text }] || text.StartsWith('-'))
                return;
            try
            {
                _ = LlamaModelReference.Parse(text);
            }
            catch (ArgumentException exception)
            {
                result.AddError(ErrorSentence.Of(exception));
            }
        });
        return argument;
    }
}
