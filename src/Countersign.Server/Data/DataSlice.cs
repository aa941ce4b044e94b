using Countersign.Server.Data.Protection;
using Countersign.Server.Data.Protection.Pkcs11;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption;
using Microsoft.AspNetCore.DataProtection.AuthenticatedEncryption.ConfigurationModel;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Countersign.Server.Data;

/// <summary>Storage: contexts, the one door for writes, keys.</summary>
internal static class DataSlice
{
    public static IServiceCollection AddData(this IServiceCollection services)
    {
        services.AddOptions<DataOptions>().BindConfiguration(DataOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<DataOptions>, DataOptionsValidator>();
        services.AddSingleton<IValidateOptions<DataOptions>, ConnectionStringValidator>();
        services.AddSingleton<Contexts>();
        services.AddSingleton<Database>();
        services.AddSingleton<WritableDatabase>();
        services.AddScoped(s => s.GetRequiredService<Contexts>().Read());
        services.AddSingleton<WriterMeasures>();
        services.AddSingleton<AfterEffects>();
        services.AddSingleton<IWriter>(s => s.GetRequiredService<IOptions<DataOptions>>().Value.OnPostgres
            ? ActivatorUtilities.CreateInstance<PostgresWriter>(s)
            : ActivatorUtilities.CreateInstance<SqliteWriter>(s));

        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptionsValidator>();
        services.AddSingleton<Retention>();

        services.AddSingleton<ISecrets, SystemSecrets>();
        services.AddOptions<KeysOptions>().BindConfiguration(KeysOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KeysOptions>, KeysOptionsValidator>();
        services.AddOptions<Pkcs11Options>().BindConfiguration(Pkcs11Options.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<Pkcs11Options>, Pkcs11OptionsValidator>();
        services.AddSingleton<KeyFile>();
        services.AddSingleton<Pkcs11Token>();
        services.AddSingleton<KeyOpening>();
        services.AddSingleton<MasterKeys>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<SecretMeasures>();
        services.AddSingleton<RowProtection>();
        services.AddSingleton<KeyRingRefresh>();
        services.AddDataProtection().SetApplicationName("countersign")
            .UseCryptographicAlgorithms(new AuthenticatedEncryptorConfiguration { EncryptionAlgorithm = EncryptionAlgorithm.AES_256_GCM });
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(s => new ConfigureOptions<KeyManagementOptions>(o =>
        {
            o.XmlRepository = s.GetRequiredService<KeyRing>();
            o.XmlEncryptor = new KeyRingWrap(s.GetRequiredService<MasterKeys>());
        }));
        services.AddSingleton<IKeyManager>(
            s => ActivatorUtilities.CreateInstance<SharedKeyManager>(s, ActivatorUtilities.CreateInstance<XmlKeyManager>(s)));
        services.AddSingleton<IKeyedRows>(new KeyedRows<KeyRingRow>(
            "keys of the key ring", KeyRingWrap.Use, KeyRest.Nothing, SealedColumn.Rewrap,
            (rows, id) => rows.Where(r => r.Xml.Contains("<wrapped key=\"" + id + "\""))));
        services.AddSingleton<IKeyedRows>(new KeyedRows<Installation>(
            "installation", Database.KeyCheckUse, KeyRest.Always, "it never changes", (rows, id) => rows.Where(i => i.KeyId == id)));
        services.AddSingleton<IKeyedRows>(new KeyedRows<Installation>(
            "installation's stamp", Database.StampUse, KeyRest.Always, "it never changes",
            (rows, id) => rows.Where(i => i.StampKeyId == id)));
        return services;
    }
}
