/** Passwords and keys of directories, in lower case: general ones, and those of Active Directory and of what LAPS keeps of machines. */
const secrets: ReadonlySet<string> = new Set(
  [
    "userPassword authPassword pwdHistory sambaNTPassword sambaLMPassword sambaPasswordHistory krbPrincipalKey unicodePwd olcRootPW ipaNTHash userPKCS12",
    "dBCSPwd lmPwdHistory ms-Mcs-AdmPwd msDS-KeyCredentialLink msDS-ManagedPassword msFVE-RecoveryPassword msLAPS-EncryptedDSRMPassword msLAPS-EncryptedPassword msLAPS-EncryptedPasswordHistory msLAPS-Password ntPwdHistory supplementalCredentials unixUserPassword",
  ].flatMap((names) => names.toLowerCase().split(" ")),
);

/** Whether an attribute holds a secret, by its name, with options or without. */
export function isSecret(description: string): boolean {
  return secrets.has(description.split(";", 1)[0]!.toLowerCase());
}
