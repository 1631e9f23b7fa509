using Llama2.Conversion;
using Llama2.Formats;
using Llama2.Tokenization;
using static System.FormattableString;

namespace Llama2.Training.Model;

/// <summary>Adds the tokens of <see cref="TrainingOptions.NewTokens"/> to vocabularies and models.</summary>
internal static class NewTokens
{
    /// <summary>Returns the vocabulary with the new tokens after its own.</summary>
    /// <exception cref="ArgumentException">The vocabulary already has one of the tokens.</exception>
    /// <exception cref="ModelFormatException">There are too many tokens, or one is too long.</exception>
    public static Vocabulary AddTo(Vocabulary vocabulary, string path, IReadOnlyList<NewToken> tokens)
    {
        foreach (NewToken token in tokens)
        {
            if (vocabulary.Pieces.IndexOf(token.Text) is >= 0 and var known)
            {
                throw new ArgumentException(Invariant($"The vocabulary of '{path}' already has the token '{token.Text}', with the id {known:N0}: leave it out of the new tokens ({nameof(TrainingOptions)}.{nameof(TrainingOptions.NewTokens)}, --add-token, --add-special-token)."), nameof(tokens));
            }
        }

        return tokens.Count == 0 ? vocabulary : AddedTokens.Append(vocabulary, path, [.. tokens.Select(token => (token.Text, token.IsSpecial))]);
    }

    /// <summary>Returns the model with rows for new tokens, or the model itself if there are none. The caller keeps ownership of the model.</summary>
    /// <exception cref="ArgumentException">The vocabulary already has one of the tokens.</exception>
    /// <exception cref="ModelFormatException">The file is malformed, or there are too many tokens.</exception>
    public static IModelFile AddTo(IModelFile model, IReadOnlyList<NewToken> tokens)
        => tokens.Count == 0 ? model : new EnlargedModelFile(model, AddTo(GgufVocabularyReader.Read(model), model.Path, tokens));
}
