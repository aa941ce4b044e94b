using System.Globalization;
using System.Resources;

namespace Countersign.Server.Http;

/// <summary>The texts of an anchor in a language that is not the request's, such as a challenge's.</summary>
/// <typeparam name="TAnchor">The anchor class beside the files of texts.</typeparam>
internal static class TextOf<TAnchor>
{
    private static readonly ResourceManager Texts = new(typeof(TAnchor));

    /// <exception cref="InvalidOperationException">There is no such text: a mistake in the program.</exception>
#pragma warning disable CA1000 // The type parameter is the file; a caller names both in one breath.
    public static string In(CultureInfo language, string name) =>
        Texts.GetString(name, language) ?? throw new InvalidOperationException($"{typeof(TAnchor).Name} has no text {name}.");
#pragma warning restore CA1000
}
